"""What the grids look like around a candidate: the numbers by which the network `look` judges it."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.activity import Activity
from bot.studio.transcriber.candidates import Candidates, Numbers, Places, quietest

DISTANCES: Final = (-36, -34, -31, -28, -24, -19, -16, -12, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 7, 12, 16, 19, 24, 28)  # fmt: skip
"""Semitones to the rows that are seen: what it may be a partial of, its own partials, and what often begins with it."""

LAGS: Final = (-48, -36, -28, -22, -16, -12, -9, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 9, 12, 16, 20, 26, 32, 42, 56)  # fmt: skip
"""Frames before and after it that are seen: close by all, and half a second to either side."""

LOWEST, HIGHEST = min(DISTANCES), max(DISTANCES)
FIRST, LAST = min(LAGS), max(LAGS)

ATTACK_FRAMES: Final = 6
"""Loudness is told beside the candidate's own within so many frames of its beginning."""

AT_ONCE: Final = 64
"""Candidates, of which each takes 25 kB while it is looked at."""

Grid = NDArray[np.uint8]


class Patches:
    """Patches of grids; beyond the keyboard and the grids they are as silence."""

    def __init__(self, sounding: Grid, beginning: Grid, loudness: Grid) -> None:
        """Of [pitches, frames] as in `Activity`, but for loudness, which counts from where nothing is told apart."""
        beyond = ((-LOWEST, HIGHEST), (-FIRST, LAST))
        grids = [np.pad(grid, beyond) for grid in (sounding, beginning, loudness)]
        self._width = grids[0].shape[1]
        # All three of a place in one number: it is the looking up that takes time.
        self._places = np.stack([*grids, np.zeros_like(grids[0])], axis=-1).view(np.uint32).ravel()
        self._loudness = grids[2].ravel()
        self._around = (np.array(LAGS)[:, None] + np.array(DISTANCES) * self._width).ravel()

    def at(self, row: Places, frame: Places) -> Numbers:
        """[candidates, LAGS x DISTANCES x 3]: sounding and beginning (0..`SURE`), and loudness beside its own (half decibels)."""
        own = ((row - LOWEST) * self._width + frame - FIRST)[:, None]
        seen = self._places[own + self._around].view(np.uint8).reshape(len(own), -1, 4)
        patch: Numbers = seen[..., :3].astype(np.float32)
        patch[..., 2] -= self._loudness[own + np.arange(ATTACK_FRAMES)].max(axis=1)[:, None]
        return patch.reshape(len(own), -1)


def patches(activity: Activity, found: Candidates) -> Iterator[Numbers]:
    """What is around each candidate, as `Patches.at` tells it, `AT_ONCE` at a time."""
    for start in range(0, len(found), AT_ONCE):
        row, frame = found.row[start : start + AT_ONCE], found.frame[start : start + AT_ONCE]
        first = max(0, int(frame[0]) + FIRST)
        near = activity.part(first, int(frame[-1]) + LAST + 1)
        yield Patches(near.sounding, near.beginning, above_quiet(near)).at(row, frame - first)


def above_quiet(activity: Activity) -> Grid:
    """Its loudness, from where nothing is told apart."""
    floor = np.uint8(quietest(activity))
    return np.maximum(activity.loudness, floor) - floor
