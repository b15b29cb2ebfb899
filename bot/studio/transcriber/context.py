"""What else begins around each candidate, as far as a first judgement knows: the numbers by which it is judged again.

A chord, a run or a repetition speaks for a note; a surer one an octave below, or the same pitch a moment before, against it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.activity import PITCHES
from bot.studio.transcriber.candidates import BLOCK_FRAMES, Candidates, Numbers, Places

TOGETHER: Final = (-4, 4)
"""Frames apart that make a chord: 46 ms."""
BELOW: Final = (-36, -34, -31, -28, -24, -19, -16, -12, -9, -7, -5, -4, -3, -2, -1)
ABOVE: Final = (1, 2, 3, 4, 5, 7, 9, 12, 16, 19, 24, 28)
INTERVALS: Final = (*BELOW, *ABOVE)
"""Semitones to what may begin with it, partials and chords among them."""

REPEATED: Final = ((-172, -61), (-60, -25), (-24, -9), (-8, -1), (1, 8), (9, 24), (25, 60), (61, 172))
"""Frames before and after, up to 2 s, in which the same pitch may begin."""
BEFORE, AFTER = (-60, -5), (5, 60)
SOUNDS_BELOW: Final = (-36, -34, -31, -28, -24, -19, -12, 12, 19, 24)
FOLLOWS: Final = (12, 19, 24, -12)
JUST_BEFORE, SOON = (-24, -5), (5, 24)

REACH: Final = 344
"""4 s to either side tell what key it is in, and how often the pitch comes."""
SECOND, PHRASE = (-86, 86), (-REACH, REACH)
BESIDE: Final = (-12, 12, -2, -1, 1, 2)

FEW: Final = 2.0
"""Notes, by the odds, in the 4 s before."""

WIDEST: Final = max(map(abs, INTERVALS))
SUREST: Final = 8.0

NONE: Final = np.zeros((0, 76), np.float32)
"""The numbers of no candidates."""

Lags = tuple[int, int]


def numbers(found: Candidates, odds: Numbers) -> Iterator[Numbers]:
    """[candidates, numbers], some at a time; `odds` are what was judged of each."""
    last = int(found.frame[-1]) if len(found) else -1
    for start in range(0, last + 1, BLOCK_FRAMES):
        first, stop = np.searchsorted(found.frame, [start, start + BLOCK_FRAMES])
        if stop > first:
            around = slice(
                *np.searchsorted(found.frame, [start - REACH, start + BLOCK_FRAMES + REACH]).tolist()
            )
            begun = _Begun(found.row[around], found.frame[around] - start, odds[around])
            own = found.row[first:stop], found.frame[first:stop] - start, odds[first:stop]
            yield np.column_stack(list(_seen(begun, *own))).astype(np.float32)


def lonely(found: Candidates, odds: Numbers) -> NDArray[np.bool_]:
    """Which candidates have next to nothing before them, as after silence or where a song begins."""
    so_far = np.concatenate([[0.0], np.cumsum(_likely(odds), dtype=np.float64)])
    first, stop = (np.searchsorted(found.frame, found.frame + lag) for lag in (-REACH, TOGETHER[0]))
    return np.asarray(so_far[stop] - so_far[first] < FEW)


class _Begun:
    """How many notes, by the odds, begin on which pitches and between which frames of a block."""

    def __init__(self, row: Places, frame: Places, odds: Numbers) -> None:
        grid = np.zeros((PITCHES + 2 * WIDEST, BLOCK_FRAMES + 2 * REACH + 2), np.float32)
        np.add.at(grid, (row + WIDEST, frame + REACH + 1), _likely(odds))
        self._so_far = np.cumsum(grid, axis=1, out=grid)
        self._up_to = np.cumsum(self._so_far, axis=0)
        names = [self._so_far[WIDEST + name : WIDEST + PITCHES : 12].sum(axis=0) for name in range(12)]
        self._names = np.stack(names)

    def on(self, row: Places, frame: Places, lags: Lags) -> Numbers:
        """On the pitch of `row`."""
        return _between(self._so_far, row + WIDEST, frame, lags)

    def below(self, row: Places, frame: Places, lags: Lags) -> Numbers:
        """On all that are lower than `row`."""
        return _between(self._up_to, row + WIDEST - 1, frame, lags)

    def anywhere(self, frame: Places, lags: Lags) -> Numbers:
        """On all."""
        return _between(self._up_to, np.full(frame.size, len(self._up_to) - 1), frame, lags)

    def named(self, row: Places, frame: Places, lags: Lags) -> Numbers:
        """On the pitch of `row` in every octave."""
        return _between(self._names, row % 12, frame, lags)


def _between(so_far: Numbers, row: Places, frame: Places, lags: Lags) -> Numbers:
    first, last = lags
    found: Numbers = so_far[row, frame + REACH + last + 1] - so_far[row, frame + REACH + first]
    return found


def _seen(begun: _Begun, row: Places, frame: Places, odds: Numbers) -> Iterator[NDArray[np.floating]]:
    yield np.clip(odds, -SUREST, SUREST) / 4
    likely = _likely(odds)
    for interval in INTERVALS:
        yield begun.on(row + interval, frame, TOGETHER)
    for lags in REPEATED:
        yield begun.on(row, frame, lags)
    for intervals, lags in ((SOUNDS_BELOW, BEFORE), (FOLLOWS, AFTER)):
        for interval in intervals:
            yield np.log1p(begun.on(row + interval, frame, lags))
    for lags in (SECOND, PHRASE):
        yield np.log1p(np.maximum(begun.on(row, frame, lags) - likely, 0))
        yield np.log1p(begun.anywhere(frame, lags)) / 3
    every = np.maximum(begun.anywhere(frame, PHRASE), 1)
    yield (begun.named(row, frame, PHRASE) - likely) / every
    for interval in range(1, 12):
        yield begun.named(row + interval, frame, PHRASE) / every
    for interval in BESIDE:
        yield np.log1p(begun.on(row + interval, frame, PHRASE))
    below = begun.below(row, frame, TOGETHER)
    yield below / 3
    yield (begun.anywhere(frame, TOGETHER) - below - begun.on(row, frame, TOGETHER)) / 3
    for lags in (JUST_BEFORE, SOON):
        yield np.log1p(begun.anywhere(frame, lags))


def _likely(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)
