"""A studio's answer, or what was kept of a given MIDI file, as bytes -> a song.

The fast path decodes straight into typed values; a body with anything unexpected in it goes the tolerant
way (`bot.music.read.parse_tolerant`), which leaves out what cannot be read and counts it. What a value must be like to
count as a note is judged once, for both, in `_screen`.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from bot.errors import NotesError
from bot.music import names
from bot.music.columns import Flags, NDArray, np
from bot.music.instruments.programs import Sound, sound_for
from bot.music.meter.given import given_bars
from bot.music.normalise import normalise
from bot.music.read import parse_tolerant
from bot.music.report import Report
from bot.music.song import Song, StatedTempo, Track
from bot.music.stored import StoredInstrument, StoredSong
from bot.nesting import is_too_deep

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Six hours at 18 notes a second, 80 bytes each, are 31 MB."""

MAX_SECONDS = 6 * 60 * 60
"""Later times make deltas and ticks at which MuseScore and music21 hang or go negative."""


# Not strict: the service mixes 0.03 and "0.03" within one note.
_decoder = msgspec.json.Decoder(StoredSong, strict=False)
_packer = msgspec.msgpack.Encoder()
Columns: TypeAlias = "NDArray[np.float64]"
"""Four rows: pitch, start and end in seconds, velocity; a value for each note."""


def read_notes(body: bytes) -> Song:
    """Read the service's `midiData` as a song that every program plays alike.

    Raises:
        NotesError: as `read_as_given`, or over 1024 instruments have notes.
    """
    song = read_as_given(body)
    found = normalise(song.tracks, song.report)
    return replace(found, stated_tempo=song.stated_tempo, tuning_cents=song.tuning_cents, bars=song.bars)


def read_as_given(body: bytes) -> Song:
    """Read the service's `midiData`: an object with `instruments`, as raw JSON. Notes may overlap, tracks be empty.

    Null, "", {} and a body of nothing are a song without tracks; a bare list of instruments, and JSON inside a
    JSON string, are read as well. Whatever is no note is left out and counted in the song's report.

    Raises:
        NotesError: the body is not JSON, not of this kind, or beyond what a song can be.
    """
    if len(body) > MAX_BODY_BYTES:
        raise NotesError(f"notes of {len(body)} bytes, over the limit of {MAX_BODY_BYTES}")
    if is_too_deep(body):
        raise NotesError("notes that are nested too deeply")
    try:
        stored, sizes, columns = _fast(body)
    except (msgspec.DecodeError, ValueError):
        found = parse_tolerant.instruments(body)
        columns = np.array(found.rows, np.float64).reshape(-1, 4).T
        return _song(found.instruments, found.sizes, columns, found.report())
    song = _song(stored.instruments, sizes, columns, Report.of(stored.report))
    tempo = stored.stated_tempo and StatedTempo(*stored.stated_tempo)
    bars = given_bars(stored.bars) if stored.bars else None
    return replace(song, stated_tempo=tempo, tuning_cents=stored.tuning_cents, bars=bars)


@cache
def _packed() -> "np.dtype[np.void]":
    """A `StoredNote` in MessagePack: each key with its length before it, a pitch below 128 as one byte, floats as nine."""
    return np.dtype(
        {
            "names": ("pitch", "start", "end", "velocity"),
            "formats": ("u1", ">f8", ">f8", ">f8"),
            "offsets": (7, 15, 28, 46),
            "itemsize": 54,
        }
    )


def _fast(body: bytes) -> tuple[StoredSong, list[int], Columns]:
    """All but the notes, then sizes and columns of these; the 13 MB of 100k decoded notes are free again with it."""
    stored = _decoder.decode(body)
    sizes = [len(instrument.notes) for instrument in stored.instruments]
    columns, kind = np.empty((4, sum(sizes))), _packed()
    at = 0
    for instrument, size in zip(stored.instruments, sizes, strict=True):
        # Packing notes into records that numpy reads takes 6 ms for 100k; asking each for its values takes 17.
        packed = _packer.encode(instrument.notes)
        records = np.frombuffer(packed, kind, count=size, offset=len(packed) - size * kind.itemsize)
        for column, name in zip(columns, records.dtype.names or (), strict=True):
            column[at : at + size] = records[name]
        at += size
        instrument.notes = []
    return stored, sizes, columns


def _song(
    instruments: Sequence[StoredInstrument], sizes: Sequence[int], columns: Columns, report: Report
) -> Song:
    keep, changes = _screen(columns)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    if not keep.all():
        columns, owner = columns[:, keep], owner[keep]
    pitch, start, end, velocity = columns
    velocity, loudness = _velocities(velocity)
    bounds = np.searchsorted(owner, np.arange(len(sizes) + 1)).tolist()
    tracks = [
        _track(stored, at).with_notes(pitch[low:high], start[low:high], end[low:high], velocity[low:high])
        for at, (stored, low, high) in enumerate(zip(instruments, bounds[:-1], bounds[1:], strict=True), 1)
    ]
    return Song(tuple(tracks), report + changes + loudness)


def _screen(columns: Columns) -> tuple[Flags, Report]:
    """Which of the notes in `columns` can be used, and what the others lack."""
    pitch, start, end, velocity = columns
    # A sum is finite only if all in it are: one look instead of four. Opposite infinities make NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.isfinite(pitch + start + end + velocity) & (pitch == np.floor(pitch))
    pitched = (pitch >= 0) & (pitch <= 127)
    ordered = (start >= 0) & (end >= start)
    early = (start <= MAX_SECONDS) & (end <= MAX_SECONDS)
    keep = whole & pitched & ordered & early
    if keep.all():
        return keep, Report()
    return keep, Report(
        malformed_notes=int((~whole).sum()),
        pitches_out_of_range=int((whole & ~pitched).sum()),
        impossible_times=int((whole & pitched & ~ordered).sum()),
        times_too_late=int((whole & pitched & ordered & ~early).sum()),
    )


def _velocities(values: "NDArray[np.float64]") -> "tuple[NDArray[np.float64], Report]":
    """Velocities 1..127 from fractions 0..1, or from values that are 0..127 already, which all above 1 are."""
    if not len(values):
        return values, Report()
    scaled = values * 127
    if values.max() > 1:
        scaled = np.where(values > 1, values, scaled)
    held = int(np.count_nonzero((values < 0) | (values > 127)))
    return np.clip(np.rint(scaled), 1, 127), Report(velocities_held=held)


def _track(stored: StoredInstrument, number: int) -> Track:
    name = names.clean(stored.name)
    if stored.drums or stored.program is not None:
        sound = Sound(0 if stored.drums else stored.program or 0, stored.drums, guessed=False)
    else:
        sound = sound_for(name)
    return Track.of(
        (),
        name=name or f"Instrument {number}",
        program=sound.program,
        is_drums=sound.is_drums,
        guessed=sound.guessed,
    )
