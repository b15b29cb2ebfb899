"""The bytes of a MIDI file that somebody gives -> its notes, in the form in which notes are kept."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import inf

import msgspec

from bot.music import names
from bot.music.channels import DRUM_CHANNEL
from bot.music.columns import Flags, Ints, Seconds, np
from bot.music.errors import MidiDamagedError, MidiEmptyError
from bot.music.instruments.programs import GM_NAMES
from bot.music.meter.given import bars_said
from bot.music.normalise import MAX_TRACKS
from bot.music.read.parse import MAX_SECONDS
from bot.music.report import Report
from bot.music.smf import encodings
from bot.music.smf.read import MidiEvents, TrackEvents, read_events, too_long
from bot.music.stored import StoredInstrument, StoredNote, StoredSong
from bot.music.timeline.tempo_map import TempoMap

BYTES_AN_EVENT = 3
"""Of a file, at the least: its size says how much work it can be."""

_ONE_TRACK, _ONE_AFTER_ANOTHER = 0, 2
"""Types of files beside the usual 1, whose tracks sound together."""

_UNSAID = -1
"""A program that the file leaves open."""

_DEFAULT_PROGRAM = 0
"""What General MIDI plays until a program is chosen."""

_Changes = Mapping[int, tuple[Ints, Ints]]
"""By channel: ticks, and the program before the first of them and from each on."""

_PROGRAMS = 129
"""Those of General MIDI, and the one that is not said."""


class _Timed(msgspec.Struct, frozen=True):
    """A track with its way to seconds and the programs of its channels."""

    track: TrackEvents
    tempo_map: TempoMap
    programs: _Changes


class _Instrument(msgspec.Struct, frozen=True):
    """Notes of one track, channel and program: which of the track's they are."""

    channel: int
    program: int
    which: Ints


def decode(data: bytes, locale: str = "") -> bytes:
    """The notes of a MIDI file as `read_notes` reads them: as given, with the file's own names and programs.

    `locale` is Discord's, of whoever gives it: where names could be in several encodings it decides.

    Raises:
        MidiDamagedError: nothing in it can be read.
        MidiEmptyError: it has no notes.
        MidiTooLongError: it is beyond what a song can be.
    """
    events = read_events(data)
    instruments: list[StoredInstrument] = []
    late = 0
    timed = list(_timed(events))
    encoding = encodings.encoding_of([track.name for track in events.tracks], locale)
    for one in timed:
        track, tempo_map = one.track, one.tempo_map
        title = "" if events.kind == _ONE_TRACK else names.clean(encodings.decoded(track.name, encoding))
        start, end = (tempo_map.at(np.array(ticks, np.int64)) for ticks in (track.start, track.end))
        early = end <= MAX_SECONDS
        late += len(early) - int(early.sum())
        found = _instruments(track, one.programs, early)
        if len(instruments) + len(found) > MAX_TRACKS:
            raise too_long(f"over {MAX_TRACKS} instruments")
        for instrument in found:
            stored = _named(instrument, title, is_alone=len(found) == 1)
            stored.notes = _notes(track, instrument.which, start, end)
            instruments.append(stored)
    report = _report(events, late)
    if not instruments:
        is_whole = events.tracks and not (report.damaged_tracks or report.missing_tracks or late)
        raise MidiEmptyError if is_whole else MidiDamagedError("no notes left")
    _number(instruments)
    return msgspec.json.encode(
        StoredSong(instruments, report.counts(), _stated_tempo(timed), bars=bars_said(events))
    )


def _timed(events: MidiEvents) -> Iterator[_Timed]:
    if events.kind != _ONE_AFTER_ANOTHER:
        # Once for all tracks: what grows with tracks and tempos together is a bomb.
        tempo_map = TempoMap.of(events.division, chain.from_iterable(track.tempos for track in events.tracks))
        everywhere = _all_programs(events.tracks)
        for track in events.tracks:
            # A track that chooses none plays what another one chose for its channel.
            yield _Timed(track, tempo_map, {**everywhere, **_columns(track.programs)})
        return
    began = 0.0
    for track in events.tracks:
        tempo_map = TempoMap.of(events.division, track.tempos, began=began)
        yield _Timed(track, tempo_map, _columns(track.programs))
        began = float(tempo_map.at(np.int64(track.length)))


def _stated_tempo(timed: Sequence[_Timed]) -> tuple[float, float] | None:
    """The slowest and the fastest tempo that notes are played at; None where the file leaves it open."""
    if not any(one.track.tempos for one in timed):
        return None
    played: dict[int, list[_Timed]] = defaultdict(list)
    for one in timed:
        if one.track.start:
            played[id(one.tempo_map)].append(one)
    slowest, fastest = inf, 0.0
    for alike in played.values():
        start, end = min(min(one.track.start) for one in alike), max(max(one.track.end) for one in alike)
        found = alike[0].tempo_map.bpm_between(start, end)
        if len(found):
            slowest, fastest = min(slowest, float(found.min())), max(fastest, float(found.max()))
    return (slowest, fastest) if fastest else None


def _all_programs(tracks: Sequence[TrackEvents]) -> _Changes:
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for track in tracks:
        for channel, changes in track.programs.items():
            found[channel] += changes
    return _columns(found)


def _columns(programs: Mapping[int, Sequence[tuple[int, int]]]) -> _Changes:
    found: dict[int, tuple[Ints, Ints]] = {}
    for channel, changes in programs.items():
        if channel != DRUM_CHANNEL and changes:
            said = np.array(changes, np.int64)
            ticks, program = said[np.argsort(said[:, 0], kind="stable")].T
            found[channel] = ticks, np.concatenate(([_DEFAULT_PROGRAM], program))
    return found


def _instruments(track: TrackEvents, changes: _Changes, usable: Flags) -> list[_Instrument]:
    (places,) = np.nonzero(usable)
    channels, start = np.array(track.channel, np.int64)[places], np.array(track.start, np.int64)[places]
    program = np.full(len(places), _UNSAID)
    for channel in set(np.unique(channels).tolist()) & changes.keys():
        ticks, programs = changes[channel]
        (here,) = np.nonzero(channels == channel)
        # A change at the very tick of a note counts.
        program[here] = programs[np.searchsorted(ticks, start[here], side="right")]
    sound = channels * _PROGRAMS + program - _UNSAID
    order = np.argsort(sound, kind="stable")
    borders = np.flatnonzero(np.diff(sound[order])) + 1
    return [
        _Instrument(int(channels[group[0]]), int(program[group[0]]), places[group])
        for group in np.split(order, borders)
        if len(group)
    ]


def _named(instrument: _Instrument, title: str, *, is_alone: bool) -> StoredInstrument:
    """The instrument without its notes: named by its track, or by its sound, or by both where a track has several."""
    if instrument.channel == DRUM_CHANNEL:
        sound = StoredInstrument(name="Drums", drums=True)
    elif instrument.program == _UNSAID and title and is_alone:
        return StoredInstrument(name=title)
    else:
        program = max(instrument.program, _DEFAULT_PROGRAM)
        sound = StoredInstrument(name=GM_NAMES[program], program=program)
    if title:
        sound.name = title if is_alone else f"{title} · {sound.name}"
    return sound


def _notes(track: TrackEvents, which: Ints, start: Seconds, end: Seconds) -> list[StoredNote]:
    columns = (
        np.array(track.pitch, np.int64)[which],
        # Microseconds: a thousandth of what a file can hold apart, and half as long in JSON.
        np.round(start[which], 6),
        np.round(end[which], 6),
        np.round(np.array(track.velocity)[which] / 127, 4),
    )
    return [StoredNote(*note) for note in zip(*(column.tolist() for column in columns), strict=True)]


def _report(events: MidiEvents, late: int) -> Report:
    return Report(
        damaged_tracks=sum(track.is_damaged for track in events.tracks),
        missing_tracks=events.missing,
        unclosed_notes=sum(track.unclosed for track in events.tracks),
        controls_left_out=sum(track.controls for track in events.tracks),
        times_too_late=late,
        pitches_out_of_range=sum(track.strange_pitches for track in events.tracks),
        velocities_held=sum(track.velocities_held for track in events.tracks),
    )


def _number(instruments: Sequence[StoredInstrument]) -> None:
    """Tell equal names apart: `Violin`, `Violin 2`."""
    seen: Counter[str] = Counter()
    for instrument in instruments:
        seen[instrument.name] += 1
        if (count := seen[instrument.name]) > 1 and (instrument.drums or instrument.program is not None):
            instrument.name = f"{instrument.name} {count}"
