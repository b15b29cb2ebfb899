"""What every engine does: a song in, kie's instruments out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.kie.strength import Strength

Progress = Callable[[float], None]
"""Is told how much of the song was heard, 0..1."""

Instruments = dict[str, Any]
"""The result in kie's shape, as `bot.studio.transcriber.result` makes it."""


class NotHeardError(Exception):
    """The song was not listened to for what is asked now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """As what a track is heard: one instrument, drums alone, or a mix, which is all `instrument` where no drums are in it."""

    instrument: str
    drum_kit: bool = False
    mix: bool = False
    strength: Strength = Strength.USUAL


@dataclass(frozen=True, slots=True)
class Song:
    """A file, how much of it there may be, and how long it is as far as that was measured."""

    path: Path
    limit_seconds: float
    seconds: float = 0.0


class Engine(Protocol):
    """Works in a process of its own (`bot.studio.engines`); its limits of time and memory are set outside."""

    def transcribe(
        self, song: Song, wanted: Wanted, progress: Progress, *, kept: Path | None = None
    ) -> Instruments:
        """What is played in `song`. What was heard is left at `kept`, to be told anew.

        Raises:
            SongError: the song cannot be done; its sentence is for a person.
        """

    def told_anew(self, kept: Path, wanted: Wanted) -> Instruments:
        """What was heard before, as what is wanted now.

        Raises:
            NotHeardError: it is not there, or was not listened to for that.
        """
