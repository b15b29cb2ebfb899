"""What a made-up or borrowed piece is: parts of notes, and strokes of a drum kit. Times in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from numpy.random import Generator

Some = TypeVar("Some")

PIECES_OF_KIT: Final = ("kick", "snare", "closed hat", "open hat", "tom", "crash", "ride")
KICK, SNARE, CLOSED_HAT, OPEN_HAT, TOM, CRASH, RIDE = range(len(PIECES_OF_KIT))
KIT: Final = (
    dict.fromkeys((35, 36), KICK)
    | dict.fromkeys((37, 38, 39, 40), SNARE)
    | dict.fromkeys((42, 44), CLOSED_HAT)
    | {46: OPEN_HAT}
    | dict.fromkeys((41, 43, 45, 47, 48, 50), TOM)
    | dict.fromkeys((49, 52, 55, 57), CRASH)
    | dict.fromkeys((51, 53, 59), RIDE)
)
"""General MIDI's drum pitches to places in `PIECES_OF_KIT`; all others are percussion, to be ignored."""
SHAKEN: Final = (54, 69, 70, 82)
"""Percussion that is hardly told from the hat of a drum machine: tambourine, cabasa, maracas, shaker."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note; `velocity` is 0..1."""

    start: float
    end: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke on what General MIDI has at `pitch`."""

    start: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays; `program` says what kind it is, `level` how loud it is mixed (linear)."""

    program: int
    level: float
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Piece:
    """All parts and all strokes."""

    parts: list[Part]
    strokes: list[Stroke]

    def cut(self, start: float, seconds: float) -> "Piece":
        """From `start` on; what began before it, or begins in the last 20 ms, is not part of the truth."""
        end = start + seconds
        parts = [
            replace(
                part,
                notes=[
                    replace(note, start=note.start - start, end=min(note.end, end) - start)
                    for note in part.notes
                    if start <= note.start < end - 0.02
                ],
            )
            for part in self.parts
        ]
        strokes = [
            replace(stroke, start=stroke.start - start)
            for stroke in self.strokes
            if start <= stroke.start < end - 0.02
        ]
        return Piece(parts, strokes)


def pick(rng: Generator, things: Sequence[Some]) -> Some:
    """One of `things` (`Generator.choice` makes an array of them first, 20 times as slow)."""
    return things[int(rng.integers(len(things)))]


def chance(rng: Generator, part: float) -> bool:
    """True in `part` of all cases."""
    return bool(rng.random() < part)


def folded(pitch: int, lowest: int, highest: int) -> int:
    """`pitch` in another octave, so that it lies between (or, where that cannot be, under `highest`)."""
    while pitch < lowest:
        pitch += 12
    while pitch > highest:
        pitch -= 12
    return pitch
