"""Independent readers of MIDI files, in one shape: tracks of (start tick, end tick, pitch, velocity)."""

import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import mido
import pretty_midi
import pytest

PRETTY_MIDI_TICKS = 10_000_000
"""2.9 hours of the default file; beyond, pretty_midi takes a file for corrupt."""


class ReadNote(NamedTuple):
    """A note in ticks."""

    start: int
    end: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class ReadTrack:
    """A track with notes, as a reader saw it; notes in order of start and pitch."""

    name: str
    program: int
    is_drums: bool
    notes: tuple[ReadNote, ...]


def by_mido(data: bytes) -> list[ReadTrack]:
    """Tracks behind the conductor track; an on for a sounding pitch or an off for a silent one is an error."""
    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    return [_track_by_mido(track) for track in file.tracks[1:]]


def _track_by_mido(track: Any) -> ReadTrack:
    program, channel, tick = 0, 0, 0
    notes: list[ReadNote] = []
    sounding: dict[int, tuple[int, int]] = {}
    for message in track:
        tick += message.time
        if message.type == "program_change":
            program, channel = message.program, message.channel
        elif message.type == "note_on":
            assert message.channel == channel
            if message.velocity:
                assert message.note not in sounding
                sounding[message.note] = (tick, message.velocity)
            else:
                start, velocity = sounding.pop(message.note)
                notes.append(ReadNote(start, tick, message.note, velocity))
    assert not sounding
    return ReadTrack(track.name, program, channel == 9, _ordered(notes))


def by_symusic(data: bytes) -> list[ReadTrack]:
    """Tracks as symusic's C++ reader has them."""
    score = symusic().Score.from_midi(data)
    return [
        ReadTrack(
            track.name,
            track.program,
            track.is_drum,
            _ordered([ReadNote(n.time, n.time + n.duration, n.pitch, n.velocity) for n in track.notes]),
        )
        for track in score.tracks
    ]


def by_pretty_midi(data: bytes) -> list[tuple[str, int, bool, int]]:
    """Name, program, whether drums, and number of notes of each instrument."""
    file = pretty_midi.PrettyMIDI(io.BytesIO(data))
    return [(i.name, int(i.program), i.is_drum, len(i.notes)) for i in file.instruments]


def channel_events(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """(tick, channel * 128 + pitch, whether on) of all tracks as a player merges them, in file order at a tick."""
    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    by_tick: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on":
                by_tick[tick].append((message.channel * 128 + message.note, message.velocity > 0))
    for tick in sorted(by_tick):
        # Tracks that share a channel meet here: a player may take them in any order, offs first being the kind one.
        for lane, is_on in sorted(by_tick[tick], key=lambda event: event[1]):
            yield tick, lane, is_on


def symusic_notes(data: bytes) -> int:
    """How many notes symusic finds."""
    return int(symusic().Score.from_midi(data).note_num())


def symusic() -> Any:
    """The package, with a stand-in for a dependency of its that may be left out."""
    # symusic imports its sound font downloader at once; nothing here downloads, and the package may be left out.
    if "pySmartDL" not in sys.modules:
        stand_in = ModuleType("pySmartDL")
        stand_in.__dict__["SmartDL"] = None
        sys.modules["pySmartDL"] = stand_in
    return pytest.importorskip("symusic", reason="symusic has no wheel for this Python")


def _ordered(notes: list[ReadNote]) -> tuple[ReadNote, ...]:
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))
