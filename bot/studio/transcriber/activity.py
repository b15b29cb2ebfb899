"""What the network saw of a song, frame by frame."""

from array import array
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.fundamentals import Levels
from bot.studio.transcriber.rows import Rows

LOWEST_PITCH: Final = 21
PITCHES: Final = 88

SURE: Final = 255
"""A likelihood of 1. In bytes a minute is 1.4 MB; their steps of .004 change 1 note in 700."""

RISE_FRAMES: Final = 2
"""A beginning is also a rise of the sounding over this many frames, for attacks too soft to be seen as one."""

Grid = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Extremes:
    """The surest beginning, the steepest rise and the loudest frequency of a whole song, by which all of it is judged."""

    beginning: int
    rise: float
    loudness: int


@dataclass(frozen=True, slots=True)
class Activity:
    """How likely each pitch sounds, and begins, in each frame.

    `sounding` and `beginning` are [88, frames] (pitch 21 first) in 0..`SURE`; `loudness` is of each pitch's own frequency,
    [88, frames] in half decibels; `level` is each frame's RMS, linear. `song` is of the song that this is a part of.
    """

    sounding: Grid
    beginning: Grid
    loudness: Levels
    level: NDArray[np.float32]
    song: Extremes | None = None

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.level.size

    @property
    def extremes(self) -> Extremes:
        """Of the whole song."""
        return self.song or _extremes(self.sounding, self.beginning, self.loudness)

    def part(self, first: int, stop: int) -> "Activity":
        """Some frames of it."""
        sounding, beginning, loudness = (
            grid[:, first:stop] for grid in (self.sounding, self.beginning, self.loudness)
        )
        return Activity(sounding, beginning, loudness, self.level[first:stop], self.extremes)


class Whole(Protocol):
    """A song, held or kept, of which parts can be had."""

    @property
    def frames(self) -> int:
        """Number of frames."""

    @property
    def level(self) -> NDArray[np.float32]:
        """Each frame's RMS, linear."""

    def part(self, first: int, stop: int) -> Activity:
        """Some frames of it."""


class Seen:
    """The same of a song of any length, kept in a file: 1.4 MB a minute."""

    def __init__(self, folder: Path | None = None) -> None:
        """The file is made as `Rows` makes it."""
        self._rows = Rows(3 * PITCHES, folder)
        self._level = array("f")
        self._last = np.zeros((PITCHES, 0), np.uint8)
        self._extremes = Extremes(0, 0.0, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.__exit__(kind, error, trace)

    def add(self, found: Activity) -> None:
        """Take the next frames."""
        self._rows.add(np.concatenate([found.sounding, found.beginning, found.loudness]).T)
        self._level.frombytes(found.level.tobytes())
        joined = np.concatenate([self._last, found.sounding], axis=1)
        self._last = joined[:, -RISE_FRAMES:]
        here, before = _extremes(joined, found.beginning, found.loudness), self._extremes
        self._extremes = Extremes(
            max(here.beginning, before.beginning),
            max(here.rise, before.rise),
            max(here.loudness, before.loudness),
        )

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self._rows)

    @property
    def level(self) -> NDArray[np.float32]:
        """Each frame's RMS, linear."""
        return np.frombuffer(self._level, np.float32)

    def part(self, first: int, stop: int) -> Activity:
        """Some frames of it."""
        rows = self._rows[first:stop]
        sounding, beginning, loudness = rows.reshape(-1, 3, PITCHES).transpose(1, 2, 0)
        return Activity(sounding, beginning, loudness, self.level[first:stop], self._extremes)


def rise(sounding: Grid) -> NDArray[np.float32]:
    """How much surer each frame, along the last axis, is than each of the `RISE_FRAMES` before it, at the least."""
    sure = sounding.astype(np.float32) / np.float32(SURE)
    found = np.zeros(sure.shape, np.float32)
    if sure.shape[-1] > RISE_FRAMES:
        now = sure[..., RISE_FRAMES:]
        steps = [now - sure[..., RISE_FRAMES - lag : -lag] for lag in range(1, RISE_FRAMES + 1)]
        found[..., RISE_FRAMES:] = np.maximum(np.minimum.reduce(steps), 0.0)
    return found


def _extremes(sounding: Grid, beginning: Grid, loudness: Levels) -> Extremes:
    # Row by row: as numbers of four bytes all of it would be four times as large as what was seen.
    steepest = max(float(rise(row).max(initial=0.0)) for row in sounding)
    return Extremes(int(beginning.max(initial=0)), steepest, int(loudness.max(initial=0)))
