"""The bytes of a MIDI file that somebody gives -> its notes, in the form in which notes are kept."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from bot.music import names
from bot.music.channels import DRUM_CHANNEL
from bot.music.errors import MidiDamagedError, MidiEmptyError
from bot.music.normalise import MAX_TRACKS
from bot.music.overlaps import Flags, Ints
from bot.music.parse import MAX_SECONDS
from bot.music.programs import GM_NAMES
from bot.music.report import Report
from bot.music.smf_read import MidiEvents, TrackEvents, read_events, too_long
from bot.music.song import Seconds
from bot.music.stored import StoredInstrument, StoredNote, StoredSong
from bot.music.tempo_map import TempoMap

BYTES_A_NOTE = 7
"""Of a file, where a note is an on and an off of three or four bytes: its size says how many notes there may be."""

_ONE_TRACK, _ONE_AFTER_ANOTHER = 0, 2
"""Types of files beside the usual 1, whose tracks sound together."""

_UNSAID = -1
"""A program that the file leaves open."""

_DEFAULT_PROGRAM = 0
"""What General MIDI plays until a program is chosen."""

_Changes = Mapping[int, Sequence[tuple[int, int]]]
"""By channel: ticks and programs, in order of ticks."""


_Timed = tuple[TrackEvents, TempoMap, _Changes]


@dataclass(frozen=True, slots=True)
class _Instrument:
    """Notes of one track, channel and program: which of the track's they are."""

    channel: int
    program: int
    which: Flags


def decode(data: bytes) -> bytes:
    """The notes of a MIDI file as `read_notes` reads them: as given, with the file's own names and programs.

    Raises:
        MidiDamagedError: nothing in it can be read.
        MidiEmptyError: it has no notes.
        MidiTooLongError: it is beyond what a song can be.
    """
    events = read_events(data)
    instruments: list[StoredInstrument] = []
    late = 0
    timed = list(_timed(events))
    for track, tempo_map, programs in timed:
        title = "" if events.kind == _ONE_TRACK else names.decoded(track.name)
        start, end = (tempo_map.at(np.array(ticks, np.int64)) for ticks in (track.start, track.end))
        early = end <= MAX_SECONDS
        late += len(early) - int(early.sum())
        found = _instruments(track, programs, early)
        for instrument in found:
            stored = _named(instrument, title, is_alone=len(found) == 1)
            stored.notes = _notes(track, instrument.which, start, end)
            instruments.append(stored)
        if len(instruments) > MAX_TRACKS:
            raise too_long(f"over {MAX_TRACKS} instruments")
    report = _report(events, late)
    if not instruments:
        is_whole = events.tracks and not (report.damaged_tracks or report.missing_tracks or late)
        raise MidiEmptyError if is_whole else MidiDamagedError("no notes left")
    _number(instruments)
    return msgspec.json.encode(StoredSong(instruments, report.counts(), _stated_tempo(timed)))


def _timed(events: MidiEvents) -> Iterator[_Timed]:
    """Each track with its way to seconds and the programs of its channels."""
    if events.kind != _ONE_AFTER_ANOTHER:
        tempo_map = TempoMap.of(events.division, [tempo for track in events.tracks for tempo in track.tempos])
        everywhere = _all_programs(events.tracks)
        for track in events.tracks:
            # A track that chooses none plays what another one chose for its channel.
            yield track, tempo_map, {**everywhere, **track.programs}
        return
    began = 0.0
    for track in events.tracks:
        tempo_map = TempoMap.of(events.division, track.tempos, began=began)
        yield track, tempo_map, track.programs
        began = float(tempo_map.at(np.int64(track.length)))


def _stated_tempo(timed: Sequence[_Timed]) -> tuple[float, float] | None:
    """The slowest and the fastest tempo that notes are played at; None where the file leaves it open."""
    if not any(track.tempos for track, _, _ in timed):
        return None
    found = [
        bpm
        for track, tempo_map, _ in timed
        if track.start
        for bpm in tempo_map.bpm_between(min(track.start), max(track.end)).tolist()
    ]
    return (min(found), max(found)) if found else None


def _all_programs(tracks: Sequence[TrackEvents]) -> _Changes:
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for track in tracks:
        for channel, changes in track.programs.items():
            found[channel] += changes
    return {channel: sorted(changes, key=lambda change: change[0]) for channel, changes in found.items()}


def _instruments(track: TrackEvents, changes: _Changes, usable: Flags) -> list[_Instrument]:
    channels = np.array(track.channel, np.int64)
    start = np.array(track.start, np.int64)
    found: list[_Instrument] = []
    for channel in np.unique(channels[usable]).tolist():
        on_channel = usable & (channels == channel)
        program = _programs_at(start, changes.get(channel, ()) if channel != DRUM_CHANNEL else ())
        found += [
            _Instrument(channel, one, on_channel & (program == one))
            for one in np.unique(program[on_channel]).tolist()
        ]
    return found


def _programs_at(start: Ints, changes: Sequence[tuple[int, int]]) -> Ints:
    """The program at each of `start`, in ticks; a change at the very tick counts."""
    if not changes:
        return np.full(len(start), _UNSAID)
    ticks = np.array([tick for tick, _ in changes], np.int64)
    programs = np.array([_DEFAULT_PROGRAM, *(program for _, program in changes)], np.int64)
    chosen: Ints = programs[np.searchsorted(ticks, start, side="right")]
    return chosen


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


def _notes(track: TrackEvents, which: Flags, start: Seconds, end: Seconds) -> list[StoredNote]:
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
    )


def _number(instruments: Sequence[StoredInstrument]) -> None:
    """Tell equal names apart: `Violin`, `Violin 2`."""
    seen: Counter[str] = Counter()
    for instrument in instruments:
        seen[instrument.name] += 1
        if (count := seen[instrument.name]) > 1 and (instrument.drums or instrument.program is not None):
            instrument.name = f"{instrument.name} {count}"
