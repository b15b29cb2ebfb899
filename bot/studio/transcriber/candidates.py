"""Everything that may be the beginning of a note, and the numbers by which it is judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.activity import PITCHES, SURE, Activity, rise
from bot.studio.transcriber.fundamentals import STEPS_A_DB

Numbers = NDArray[np.float32]
Places = NDArray[np.int64]

LEAST_ONSET: Final = 0.25
"""With the soft beginnings below, 92 in 100 notes of rendered music are among the candidates."""

SOFT_SOUNDING: Final = 0.4
SOFT_FRAMES: Final = 8
SOFT_NEAR_FRAMES: Final = 6
"""What begins to sound without a peak near by, and goes on for most of 93 ms, may be a note with a soft attack."""

GAP_FRAMES: Final = 11
"""A note goes on through gaps shorter than this (128 ms): the network flickers on held notes."""
GOES_ON: Final = 0.35

OVERTONES: Final = (12, 19, 24, 28, 31, 34, 36)
"""Semitones from a pitch to its second to eighth partial."""

BLOCK_FRAMES: Final = 2048
"""Frames looked at in one go: 2 MB for any length of song."""

RANGE_DB: Final = 50
"""How far below the song's loudest frequency loudness is told: digital silence is no quieter than a quiet room."""

MARGIN: Final = 32
"""Frames beyond a candidate that are looked at, at the most."""
BELOW: Final = OVERTONES[-1]
ABOVE: Final = OVERTONES[2]
MEAN_FRAMES: Final = 24

NONE: Final = np.zeros((0, 63), np.float32)
"""The numbers of no candidates."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where notes may begin, by frame: `row` is the pitch less 21, `onset` how clear the beginning is in 0..1."""

    row: Places
    frame: Places
    onset: Numbers

    def __len__(self) -> int:
        """How many there are."""
        return self.row.size

    def only(self, chosen: NDArray[np.bool_]) -> Self:
        """Those for which `chosen` is true."""
        return type(self)(self.row[chosen], self.frame[chosen], self.onset[chosen])


def candidates(activity: Activity) -> Candidates:
    """All peaks of the beginnings, and where pitches begin to sound without one."""
    highest = activity.extremes
    scale = highest.beginning / SURE / highest.rise if highest.rise else 0.0
    found = []
    for row in range(PITCHES):
        onset = np.maximum(
            activity.beginning[row].astype(np.float32) / SURE, rise(activity.sounding[row]) * scale
        )
        frames = np.union1d(_peaks(onset), _soft(activity.sounding[row], _peaks(onset)))
        found.append(np.stack([np.full(frames.size, row), frames, onset[frames]]))
    rows, frames, onsets = np.concatenate(found, axis=1)
    order = np.lexsort([rows, frames])
    return Candidates(
        rows[order].astype(np.int64), frames[order].astype(np.int64), onsets[order].astype(np.float32)
    )


def _peaks(onset: Numbers) -> Places:
    before, after = np.append(0.0, onset[:-1]), np.append(onset[1:], 0.0)
    # Of two equal ones beside each other the first is the peak.
    return np.flatnonzero((onset > before) & (onset >= after) & (onset >= LEAST_ONSET))


def _soft(sounding: NDArray[np.uint8], peaks: Places) -> Places:
    sounds = sounding > SOFT_SOUNDING * SURE
    starts = np.flatnonzero(sounds[1:] & ~sounds[:-1]) + 1
    so_far = np.concatenate([[0], np.cumsum(sounds)])
    goes_on = so_far[np.minimum(starts + SOFT_FRAMES, sounds.size)] - so_far[starts] >= SOFT_FRAMES - 2
    nearest = np.searchsorted(peaks, starts - SOFT_NEAR_FRAMES)
    next_peak = np.append(peaks, sounds.size + SOFT_NEAR_FRAMES)[nearest]
    found: Places = starts[goes_on & (next_peak > starts + SOFT_NEAR_FRAMES)]
    return found


def gaps(quiet: NDArray[np.bool_], frames: int) -> Places:
    """Where `quiet` begins to be so for `frames` in a row; the end counts as quiet and is always there."""
    so_far = np.concatenate([[0], np.cumsum(np.pad(quiet, (0, frames), constant_values=True))])
    return np.append(np.flatnonzero(so_far[frames:] - so_far[:-frames] == frames), quiet.size)


def _lengths(activity: Activity, found: Candidates) -> Places:
    """For how many frames each goes on sounding."""
    frames = np.zeros(len(found), np.int64)
    for row in np.unique(found.row):
        ends = gaps(activity.sounding[row] < GOES_ON * SURE, GAP_FRAMES)
        mine = found.row == row
        frames[mine] = ends[np.searchsorted(ends, found.frame[mine] + 1)] - found.frame[mine]
    return frames


def quietest(activity: Activity) -> int:
    """The loudness, in half decibels from the bottom of the scale, below which nothing is told apart."""
    return max(0, activity.extremes.loudness - RANGE_DB * STEPS_A_DB)


def numbers(activity: Activity, found: Candidates) -> Iterator[Numbers]:
    """[candidates, numbers], some at a time: the network's view of the pitch, of those that it may be an overtone of, and of its own."""
    length = _lengths(activity, found)
    floor = np.uint8(quietest(activity))
    for start in range(0, activity.frames, BLOCK_FRAMES):
        first, last = np.searchsorted(found.frame, [start, start + BLOCK_FRAMES])
        if last > first:
            around = _Around(activity, floor, start, found.row[first:last], found.frame[first:last])
            shown: list[Numbers] = [
                found.onset[first:last],
                (np.log(np.maximum(length[first:last], 1)) / 4).astype(np.float32),
                (found.row[first:last] / PITCHES).astype(np.float32),
                *around.own(),
                *around.below(),
                *around.above(),
            ]
            yield np.column_stack(shown).astype(np.float32)


class _Around:
    """What is around the candidates of one block of frames."""

    def __init__(self, activity: Activity, floor: np.uint8, start: int, row: Places, frame: Places) -> None:
        self._row = row + BELOW
        self._frame = frame - start + MARGIN
        self._sounding = _framed(activity.sounding, start)
        self._beginning = _framed(activity.beginning, start)
        self._loudness = np.maximum(_framed(activity.loudness, start), floor) - floor
        self._soon = _over(np.maximum, self._sounding, 1, 6)
        self._near = _over(np.maximum, self._beginning, -4, 4)
        self._attack = _over(np.maximum, self._loudness, 0, 5)

    def own(self) -> list[Numbers]:
        """The pitch itself, the semitones beside it, and how much else there is."""
        now = self._bels(self._attack)
        before = self._bels(_over(np.minimum, self._loudness, -7, -1))
        loudest = np.broadcast_to(self._attack.max(axis=0), self._attack.shape)
        busy = (self._sounding > GOES_ON * SURE).sum(axis=0)[self._frame]
        begun = (self._beginning > SURE // 3).sum(axis=0)[self._frame]
        return [
            busy / 10,
            begun / 5,
            now - before,
            now - self._bels(loudest),
            self._mean_sounding(),
            self._sure(_over(np.maximum, self._sounding, -7, -1)),
            *(self._sure(self._sounding, lag=lag) for lag in (-3, 0, 3, 6, 12, 20)),
            *(self._sure(self._beginning, lag=lag) for lag in (-3, -2, -1, 0, 1, 2, 3)),
            *(self._bels(self._loudness, lag=lag) - now for lag in (-6, -3, 0, 3, 6, 12, 20)),
            *(self._sure(self._soon, distance) for distance in (-1, 1)),
            *(self._sure(self._near, distance) for distance in (-1, 1)),
        ]

    def below(self) -> list[Numbers]:
        """The pitches that have it as a partial: whether they sound, begin with it, and are louder."""
        now = self._bels(self._attack)
        seen = []
        for distance in OVERTONES:
            sounding = self._sure(self._soon, -distance)
            begins = self._sure(self._near, -distance)
            seen += [sounding, sounding * begins, sounding * (self._bels(self._attack, -distance) - now)]
        return seen

    def above(self) -> list[Numbers]:
        """Its own partials: a note has them, an overtone alone has fewer."""
        now = self._bels(self._attack)
        seen = []
        for distance in OVERTONES[:3]:
            seen += [
                self._sure(self._soon, distance),
                self._sure(self._near, distance),
                self._bels(self._attack, distance) - now,
            ]
        return seen

    def _mean_sounding(self) -> Numbers:
        so_far = np.cumsum(self._sounding, axis=1, dtype=np.int32)
        before = so_far[self._row, self._frame - 1]
        total = so_far[self._row, self._frame + MEAN_FRAMES - 1] - before
        return (total / (MEAN_FRAMES * SURE)).astype(np.float32)

    def _sure(self, grid: NDArray[np.uint8], distance: int = 0, *, lag: int = 0) -> Numbers:
        return self._at(grid, distance, lag) / np.float32(SURE)

    def _bels(self, grid: NDArray[np.uint8], distance: int = 0, *, lag: int = 0) -> Numbers:
        return self._at(grid, distance, lag) / np.float32(STEPS_A_DB * 10)

    def _at(self, grid: NDArray[np.uint8], distance: int, lag: int) -> Numbers:
        return grid[self._row + distance, self._frame + lag].astype(np.float32)


def _framed(grid: NDArray[np.uint8], start: int) -> NDArray[np.uint8]:
    """A block of `grid` with its neighbourhood; what lies outside of the keyboard and the song is 0."""
    stop = start + BLOCK_FRAMES + MARGIN
    part = grid[:, max(0, start - MARGIN) : stop]
    before = max(0, MARGIN - start)
    after = stop - start + MARGIN - before - part.shape[1]
    return np.pad(part, ((BELOW, ABOVE), (before, after)))


def _over(choose: np.ufunc, grid: NDArray[np.uint8], first: int, last: int) -> NDArray[np.uint8]:
    """At each frame the highest (or lowest) of `grid` from `first` to `last` frames later."""
    found = np.roll(grid, -first, axis=1)
    for lag in range(first + 1, last + 1):
        found = choose(found, np.roll(grid, -lag, axis=1))
    return found
