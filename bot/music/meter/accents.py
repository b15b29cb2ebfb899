"""What is heard at each pulse that tells where beats and bars begin: loudness, bass, drums, new chords."""

from functools import cache
from typing import TypeAlias

from bot.music.columns import Flags, Ints, NDArray, Seconds, np
from bot.music.meter.onsets import Onsets

Matrix: TypeAlias = "NDArray[np.float64]"

ACCENTS = (
    "onset", "bass", "length", "harmony", "wide_harmony", "bass_change", "kick", "snare", "crash", "loudest",
)  # fmt: skip

_LOWEST_BASS, _HIGHEST_BASS = 36, 64
_KINDS = ((35, 36), (37, 38, 39, 40), (49, 52, 55, 57))
"""Pitches of kicks, snares and crashes."""
_LONGEST_SECONDS = 3.0
_REACH = 0.3
"""How far an onset may be from a pulse, in pulses, to be one on it."""
_MOST = 3.0
"""Standard deviations; what is beyond says no more."""


@cache
def _is_kind() -> "tuple[Flags, ...]":
    """By pitch, whether it is one of each kind."""
    return tuple(np.isin(np.arange(128), kind) for kind in _KINDS)


def accents(times: Seconds, onsets: Onsets, chroma: Matrix) -> Matrix:
    """A row for each pulse, a column for each of `ACCENTS`: standard deviations from the column's mean.

    `chroma` is `sounding_chroma` of the same.
    """
    lengths = np.gradient(times)
    which = nearest(times, onsets.start)
    off = (onsets.start - times[which]) / lengths[which]
    on = np.abs(off) < _REACH
    which, weight = which[on], onsets.weight[on] + 0.2
    pitch, is_drums = onsets.pitch[on].astype(np.int64), onsets.is_drums[on]
    count = len(times)

    def summed(chosen: "NDArray[np.bool_]", heavy: Seconds) -> Seconds:
        return np.log1p(np.bincount(which[chosen], heavy[chosen], minlength=count))

    low = np.clip((_HIGHEST_BASS - pitch) / (_HIGHEST_BASS - _LOWEST_BASS), 0, 1) * weight
    sounding = np.minimum(onsets.end[on] - onsets.start[on], _LONGEST_SECONDS)
    longest, loudest = np.zeros(count), np.zeros(count)
    np.maximum.at(longest, which[~is_drums], sounding[~is_drums])
    np.maximum.at(loudest, which, weight)
    columns = [
        summed(np.ones(len(which), np.bool_), weight),
        summed(~is_drums, low),
        np.log1p(longest / np.median(lengths)),
        _change(chroma, 2),
        _change(chroma, 4),
        _bass_change(which[~is_drums], pitch[~is_drums], count),
        *(summed(is_drums & is_kind[pitch], weight) for is_kind in _is_kind()),
        loudest,
    ]
    found = np.stack(columns, axis=1)
    found -= found.mean(axis=0)
    return np.asarray(np.clip(found / (found.std(axis=0) + 0.05), -_MOST, _MOST))


def nearest(times: Seconds, at: Seconds) -> Ints:
    """Which of `times` is nearest to each of `at`."""
    which = np.clip(np.searchsorted(times, at), 1, len(times) - 1)
    return np.asarray(which - ((at - times[which - 1]) < (times[which] - at)))


def sounding_chroma(times: Seconds, onsets: Onsets) -> Matrix:
    """By pulse and pitch class, how much of it sounds from that pulse to the next, in pulses; drums left aside."""
    count = len(times)
    pitched = ~onsets.is_drums
    start, end = onsets.start[pitched], onsets.end[pitched]
    weight, place = onsets.weight[pitched] + 0.2, onsets.pitch[pitched].astype(np.int64) % 12
    grid = np.arange(count)
    # Early notes belong to the beat that they anticipate by a few milliseconds.
    first = np.interp(start + 0.03, times, grid)
    last = np.maximum(np.interp(np.minimum(end, start + _LONGEST_SECONDS), times, grid), first + 0.1)
    # The share of a note in each pulse is a difference of ramps, and a ramp is a double sum of its two corners.
    found = np.zeros((count + 2, 12))
    for edge, sign in ((first, 1.0), (last, -1.0)):
        whole = np.minimum(np.floor(edge).astype(np.int64), count - 1)
        rest = edge - whole
        np.add.at(found, (whole, place), sign * weight * (1 - rest))
        np.add.at(found, (whole + 1, place), sign * weight * rest)
    return np.asarray(np.maximum(np.cumsum(found, axis=0)[:count], 0))


def _change(chroma: Matrix, width: int) -> Seconds:
    """How unlike the pitch classes of the `width` pulses from each pulse on are to those before it, 0..1."""
    total = np.concatenate((np.zeros((1, 12)), np.cumsum(chroma, axis=0)))
    at = np.arange(len(chroma))
    before = total[at] - total[np.maximum(at - width, 0)]
    after = total[np.minimum(at + width, len(chroma))] - total[at]
    alike = (before * after).sum(axis=1)
    size = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return np.where(size > 1e-9, 1 - alike / np.maximum(size, 1e-9), 0.0)


def _bass_change(which: Ints, pitch: Ints, count: int) -> Seconds:
    """1 where the lowest note that begins on a pulse is low and not the same as that of the bass note before."""
    lowest = np.full(count, 128)
    np.minimum.at(lowest, which, pitch)
    (at,) = np.nonzero(lowest < _HIGHEST_BASS)
    found = np.zeros(count)
    if len(at) > 1:
        found[at[1:]] = lowest[at[1:]] % 12 != lowest[at[:-1]] % 12
    return found
