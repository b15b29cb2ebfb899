"""Music whose notes are known: songs by other people where Debian's packages have put some, and pieces made from seeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mido

FOLDERS: Final = (
    Path("/usr/share/games/openttd/baseset/openmsx"),
    Path("/usr/share/planetblupi/music"),
)
"""Of the packages openttd-openmsx (GPL-2) and planetblupi-music-midi (GPL-3)."""

DRUMS: Final = 9
SECONDS: Final = 30.0
LEAD_SECONDS: Final = 8.0
"""Songs often begin with one instrument alone."""

SUSTAIN: Final = 64
VOLUME: Final = 7
USUAL_VOLUME: Final = 100


@dataclass(frozen=True, slots=True)
class Played:
    """One note of a piece; its end is where it is let go, by finger and pedal."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    program: int
    volume: int = USUAL_VOLUME


@dataclass(frozen=True, slots=True)
class Piece:
    """What is played, by start."""

    name: str
    notes: list[Played]

    @property
    def pitched(self) -> list[Played]:
        """All but the drums, within the 88 keys."""
        return [note for note in self.notes if note.channel != DRUMS and 21 <= note.pitch <= 108]

    @property
    def strokes(self) -> list[Played]:
        """The drums."""
        return [note for note in self.notes if note.channel == DRUMS]

    @property
    def bass(self) -> list[Played]:
        """What the bass instruments play."""
        return [note for note in self.pitched if 32 <= note.program < 40]

    def alone(self, channel: int) -> "Piece":
        """One channel of it."""
        return Piece(f"{self.name}-{channel}", [note for note in self.notes if note.channel == channel])


def songs() -> list[Piece]:
    """An excerpt of each song that is installed on this machine, if any."""
    paths = [path for folder in FOLDERS for path in sorted(folder.glob("*.mid"))]
    return [Piece(path.stem, _excerpt(read(path))) for path in paths]


def _excerpt(notes: list[Played]) -> list[Played]:
    first = LEAD_SECONDS + (notes[0].start if notes else 0.0)
    return [
        Played(
            note.start - first,
            min(note.end - first, SECONDS),
            note.pitch,
            note.velocity,
            note.channel,
            note.program,
            note.volume,
        )
        for note in notes
        if first <= note.start < first + SECONDS - 0.1
    ]


def read(path: Path) -> list[Played]:
    """The notes of a MIDI file."""
    found: list[Played] = []
    channels: dict[int, _Channel] = {}
    seconds = 0.0
    for message in mido.MidiFile(path, clip=True):
        seconds += message.time
        if hasattr(message, "channel"):
            channel = channels.setdefault(message.channel, _Channel(message.channel))
            found += channel.take(seconds, message)
    for channel in channels.values():
        found += channel.let_go(seconds, list(channel.sounding))
    return sorted(found, key=lambda note: (note.start, note.channel, note.pitch))


class _Channel:
    """What sounds in one channel while its messages are read."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.sounding: dict[int, tuple[float, int]] = {}
        self._held: set[int] = set()
        self._pedal = False
        self._program = 0
        self._volume = USUAL_VOLUME

    def take(self, seconds: float, message: mido.Message) -> Iterable[Played]:
        if message.type == "program_change":
            self._program = message.program
        elif message.type == "control_change" and message.control == VOLUME:
            self._volume = message.value
        elif message.type == "control_change" and message.control == SUSTAIN:
            self._pedal = message.value >= 64
            return self.let_go(seconds, [] if self._pedal else sorted(self._held))
        elif message.type == "note_on" and message.velocity:
            ended = self.let_go(seconds, [message.note])
            self.sounding[message.note] = (seconds, message.velocity)
            return ended
        elif message.type in {"note_on", "note_off"}:
            if self._pedal:
                self._held.add(message.note)
            else:
                return self.let_go(seconds, [message.note])
        return []

    def let_go(self, seconds: float, pitches: list[int]) -> list[Played]:
        ended = []
        for pitch in pitches:
            self._held.discard(pitch)
            if pitch in self.sounding:
                start, velocity = self.sounding.pop(pitch)
                ended.append(
                    Played(start, seconds, pitch, velocity, self.number, self._program, self._volume)
                )
        return ended
