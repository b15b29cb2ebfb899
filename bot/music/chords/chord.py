"""What a chord is, and how it is written: "Am7", "C/E"."""

from enum import Enum
from typing import NamedTuple

import msgspec


class _Kind(NamedTuple):
    suffix: str
    semitones: tuple[int, ...]
    """Above the root, the root first."""
    fifths: tuple[int, ...]
    """The same tones as steps on the line of fifths, which spell them."""


class Quality(Enum):
    """The kinds of chords that are told apart."""

    MAJOR = _Kind("", (0, 4, 7), (0, 4, 1))
    MINOR = _Kind("m", (0, 3, 7), (0, -3, 1))
    SEVENTH = _Kind("7", (0, 4, 7, 10), (0, 4, 1, -2))
    MAJOR_SEVENTH = _Kind("maj7", (0, 4, 7, 11), (0, 4, 1, 5))
    MINOR_SEVENTH = _Kind("m7", (0, 3, 7, 10), (0, -3, 1, -2))
    DIMINISHED = _Kind("dim", (0, 3, 6), (0, -3, -6))
    HALF_DIMINISHED = _Kind("m7♭5", (0, 3, 6, 10), (0, -3, -6, -2))
    DIMINISHED_SEVENTH = _Kind("dim7", (0, 3, 6, 9), (0, -3, -6, -9))
    AUGMENTED = _Kind("aug", (0, 4, 8), (0, 4, 8))
    SUSPENDED_FOURTH = _Kind("sus4", (0, 5, 7), (0, -1, 1))
    SUSPENDED_SECOND = _Kind("sus2", (0, 2, 7), (0, 2, 1))
    POWER = _Kind("5", (0, 7), (0, 1))

    @property
    def suffix(self) -> str:
        """What stands behind the root."""
        return self.value.suffix

    @property
    def semitones(self) -> tuple[int, ...]:
        """Its tones above the root."""
        return self.value.semitones

    @property
    def is_minor(self) -> bool:
        """Whether it has a minor third."""
        return 3 in self.semitones


_LETTERS = "FCGDAEB"
_SHARPEST, _FLATTEST = 13, -9
"""Fifths from C: B♯♯ would be 19; beyond one sign a bass is written as the same key on a piano."""


class Chord(msgspec.Struct, frozen=True):
    """A chord with its root spelled: fifths from C (F is -1, B♭ -2). `bass` are semitones above the root."""

    fifths: int
    quality: Quality
    bass: int = 0

    @property
    def root(self) -> int:
        """The root's pitch class."""
        return self.fifths * 7 % 12

    @property
    def bass_fifths(self) -> int:
        """How the lowest tone is spelled: as the chord has it, or near the root where it is none of the chord's."""
        kind = self.quality.value
        if self.bass in kind.semitones:
            step = kind.fifths[kind.semitones.index(self.bass)]
        else:
            step = self.bass * 7 % 12
            step -= 12 if step > 6 else 0
        found = self.fifths + step
        return found - 12 if found > _SHARPEST else found + 12 if found < _FLATTEST else found

    @property
    def name(self) -> str:
        """As musicians write it, with ♯ and ♭."""
        over = f"/{note(self.bass_fifths)}" if self.bass else ""
        return f"{note(self.fifths)}{self.quality.suffix}{over}"

    @property
    def plain_name(self) -> str:
        """In letters that each program can show: "F#m7b5"."""
        return self.name.replace("♯", "#").replace("♭", "b")


def note(fifths: int) -> str:
    """The name of a note by its place on the line of fifths."""
    turns, letter = divmod(fifths + 1, 7)
    return _LETTERS[letter] + ("♯" * turns if turns > 0 else "♭" * -turns)
