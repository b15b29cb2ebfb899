"""A studio's answer, as bytes -> a song.

The fast path decodes straight into typed values; a body with anything unexpected in it goes the tolerant
way (`bot.music.tolerant`), which leaves out what cannot be read and counts it. What a value must be like to
count as a note is judged once, for both, in `_screen`.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from bot.errors import NotesError
from bot.music import names, tolerant
from bot.music.programs import sound_for
from bot.music.report import Report
from bot.music.settle import settle
from bot.music.song import Song, Track

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Six hours at 18 notes a second, 80 bytes each, are 31 MB."""

MAX_SECONDS = 6 * 60 * 60
"""Later times make deltas and ticks at which MuseScore and music21 hang or go negative."""

_MAX_WHOLE = 1 << 53
"""Whole numbers that are exact in a float column; JSON's have no end."""


class _Note(msgspec.Struct, gc=False):
    pitch: Annotated[int, msgspec.Meta(ge=-_MAX_WHOLE, le=_MAX_WHOLE)]
    start: float
    end: float
    velocity: float


class _Instrument(msgspec.Struct, gc=False):
    notes: list[_Note] = []
    name: str = ""


class _MidiData(msgspec.Struct, gc=False):
    instruments: list[_Instrument] = []


# Not strict: the service mixes 0.03 and "0.03" within one note.
_decoder = msgspec.json.Decoder(_MidiData, strict=False)
_values = attrgetter("pitch", "start", "end", "velocity")


def read_notes(body: bytes) -> Song:
    """Read the service's `midiData`: an object with `instruments`, as raw JSON.

    Null, "", {} and a body of nothing are a song without tracks; a bare list of instruments, and JSON inside a
    JSON string, are read as well. Whatever is no note is left out and counted in the song's report.

    Raises:
        NotesError: the body is not JSON, not of this kind, or beyond what a song can be.
    """
    if len(body) > MAX_BODY_BYTES:
        raise NotesError(f"notes of {len(body)} bytes, over the limit of {MAX_BODY_BYTES}")
    try:
        instruments = _decoder.decode(body).instruments
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _read_tolerantly(body)
    rows = chain.from_iterable(instrument.notes for instrument in instruments)
    sizes = [len(instrument.notes) for instrument in instruments]
    return _song([instrument.name for instrument in instruments], sizes, _columns(rows, sum(sizes)), Report())


def _columns(rows: Iterable[_Note], count: int) -> NDArray[np.float64]:
    values = chain.from_iterable(map(_values, rows))
    return np.fromiter(values, np.float64, 4 * count).reshape(-1, 4).T


def _read_tolerantly(body: bytes) -> Song:
    found = tolerant.instruments(body)
    columns = np.array(found.rows, np.float64).reshape(-1, 4).T
    return _song(found.names, found.sizes, columns, found.report())


def _song(titles: Sequence[str], sizes: Sequence[int], columns: NDArray[np.float64], report: Report) -> Song:
    keep, changes = _screen(columns)
    owner = np.repeat(np.arange(len(sizes)), sizes)[keep]
    pitch, start, end, velocity = columns[:, keep]
    velocity, loudness = _velocities(velocity)
    bounds = np.searchsorted(owner, np.arange(len(sizes) + 1)).tolist()
    tracks = [
        _track(title, at).with_notes(pitch[low:high], start[low:high], end[low:high], velocity[low:high])
        for at, (title, low, high) in enumerate(zip(titles, bounds[:-1], bounds[1:], strict=True), 1)
    ]
    return settle(tracks, report + changes + loudness)


def _screen(columns: NDArray[np.float64]) -> tuple[NDArray[np.bool_], Report]:
    """Which of the notes in `columns` (pitch, start, end, velocity) can be used, and what the others lack."""
    pitch, start, end, _ = columns
    whole = np.isfinite(columns).all(axis=0) & (pitch == np.floor(pitch))
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


def _velocities(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Report]:
    """Velocities 1..127 from fractions 0..1, or from values that are 0..127 already, which all above 1 are."""
    scaled = np.rint(np.where(values > 1, values, values * 127))
    held = int(((values < 0) | (values > 127)).sum())
    return np.clip(scaled, 1, 127), Report(velocities_held=held)


def _track(title: str, number: int) -> Track:
    name = names.clean(title)
    sound = sound_for(name)
    return Track.of(
        (),
        name=name or f"Instrument {number}",
        program=sound.program,
        is_drums=sound.is_drums,
        guessed=sound.guessed,
    )
