"""What of a song is to be shown, and in which key: a choice, which changes nothing of what is kept."""

from typing import Self

import msgspec

SEMITONES = range(-12, 13)
"""An octave down to an octave up."""


class View(msgspec.Struct, frozen=True, omit_defaults=True):
    """`semitones` up (down: below 0), and only what sounds from `start_seconds` to `end_seconds` of the whole; None: its end."""

    semitones: int = 0
    start_seconds: float = 0.0
    end_seconds: float | None = None

    @property
    def is_excerpt(self) -> bool:
        """Whether anything is left out."""
        return self.start_seconds > 0 or self.end_seconds is not None

    @property
    def is_usual(self) -> bool:
        """Whether it is the song as it is."""
        return not self.semitones and not self.is_excerpt

    def whole(self) -> Self:
        """The same in that key, with nothing left out."""
        return type(self)(self.semitones)
