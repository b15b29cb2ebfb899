"""Which notes of a keyboard the right hand plays: a way of splits through the song, one for every two quarters."""

from itertools import pairwise
from typing import TypeAlias

from bot.music.columns import NDArray, np
from bot.score.rhythm.units import QUARTER, SIXTEENTH

_Ints: TypeAlias = "NDArray[np.int64]"

_SPLITS = range(48, 73)
"""The lowest pitch of the right hand."""
_SPAN = 2 * QUARTER
"""Units for which a hand stays where it is: split note by note, a broken chord around middle C is torn between the staves."""
_REACH = 14
"""Semitones: a ninth is played by most hands."""
_TOO_WIDE, _MOVES, _FROM_MIDDLE, _NEAR = 3.0, 0.35, 0.04, 0.6
"""What a semitone beyond the reach, a semitone of change, one from middle C, and a split amid near notes cost."""


def right_hand(start: "NDArray[np.float64]", pitch: _Ints) -> "NDArray[np.bool_]":
    """Of notes by onset (in units and parts of them), whether each is the right hand's."""
    # A note that is a little early is on the beat after it.
    spans, which = np.unique((start + SIXTEENTH / 2) // _SPAN, return_inverse=True)
    costs = np.empty((len(spans), len(_SPLITS)))
    bounds = np.searchsorted(which, np.arange(len(spans) + 1))
    for at, (low, high) in enumerate(pairwise(bounds)):
        costs[at] = _cost(np.sort(pitch[low:high]))
    splits = np.arange(_SPLITS.start, _SPLITS.stop)
    step = np.abs(splits[:, None] - splits[None, :]) * _MOVES
    came = np.zeros(costs.shape, np.int64)
    score = costs[0] if len(costs) else np.zeros(len(_SPLITS))
    for at in range(1, len(costs)):
        reached = score[:, None] + step
        came[at] = np.argmin(reached, axis=0)
        score = reached[came[at], np.arange(len(_SPLITS))] + costs[at]
    split = np.empty(len(spans), np.int64)
    place = int(np.argmin(score))
    for at in range(len(spans) - 1, -1, -1):
        split[at] = _SPLITS[place]
        place = int(came[at, place])
    return np.asarray(pitch >= split[which])


def _cost(pitch: _Ints) -> "NDArray[np.float64]":
    """Of each split for the notes of one span."""
    cost = np.array([_FROM_MIDDLE * abs(split - 60) for split in _SPLITS])
    for at, split in enumerate(_SPLITS):
        place = int(np.searchsorted(pitch, split))
        for hand in (pitch[:place], pitch[place:]):
            if len(hand):
                cost[at] += _TOO_WIDE * max(0, int(hand[-1] - hand[0]) - _REACH)
        if 0 < place < len(pitch):
            cost[at] += _NEAR * max(0, 5 - int(pitch[place] - pitch[place - 1]))
    return cost
