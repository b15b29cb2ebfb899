"""How far a recording is from 440 Hz for A, and the same sound as if it were not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from bot.studio.transcriber.decode import RATE_HZ, Samples

LISTENED_SECONDS: Final = 60
"""Held at once, 5 MB: a recording has one tuning."""

WINDOW: Final = 8192
"""Samples: bins of 2.7 Hz, between which a peak is found to some hundredths."""

LOWEST_HZ: Final = 110.0
HIGHEST_HZ: Final = 1000.0
"""Below, a cent is a hundredth of a bin; above, most is overtones, the fifth of which is 14 cents flat by nature."""

QUIETEST: Final = 0.1
"""Of a window's highest peak: the sidelobes of its own are below."""

LEAST_CENTS: Final = 15
"""Notes are heard right up to there, and instruments are that far off within themselves."""

LEAST_AGREEMENT: Final = 0.4
"""The length of the mean direction, 0..1: songs have .43 to .82, drums alone up to .35, noise none."""

MOST_APART_CENTS: Final = 12.0
"""Both halves of what was listened to have to say the same."""


@dataclass(slots=True)
class _Directions:
    """Peaks as directions, once around for a semitone, each as long as it is loud."""

    sums: list[complex] = field(default_factory=lambda: [0j, 0j])
    weights: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def add(self, half: int, window: Samples) -> None:
        """What is in one window."""
        cents, loud = _peaks(window)
        if loud.size:
            self.sums[half] += complex((loud * np.exp(2j * np.pi * cents / 100)).sum())
            self.weights[half] += float(loud.sum())

    def cents(self) -> int:
        """How many cents sharp it is; 0 where it is close enough, or not surely something."""
        whole, weight = sum(self.sums), sum(self.weights)
        if not all(self.weights) or abs(whole) < LEAST_AGREEMENT * weight:
            return 0
        halves = [_angle(each) for each in self.sums]
        if abs((halves[0] - halves[1] + 50) % 100 - 50) > MOST_APART_CENTS:
            return 0
        found = round(_angle(whole))
        return found if abs(found) >= LEAST_CENTS else 0


def listened(blocks: Iterable[Samples]) -> tuple[int, Iterator[Samples]]:
    """How many cents sharp a recording is (flat: below 0), and all of its blocks."""
    begun, size = np.zeros(LISTENED_SECONDS * RATE_HZ, np.float32), 0
    blocks = iter(blocks)
    over = np.zeros(0, np.float32)
    for block in blocks:
        taken = block[: begun.size - size]
        begun[size : size + taken.size] = taken
        size += taken.size
        over = block[taken.size :]
        if size == begun.size:
            break
    return _cents(begun[:size]), _again([begun[:size]], over, blocks)


def _again(begun: list[Samples], over: Samples, blocks: Iterator[Samples]) -> Iterator[Samples]:
    """What was listened to, which then is let go, and what comes after it."""
    listened_to = begun.pop()
    for first in range(0, listened_to.size, WINDOW):
        yield listened_to[first : first + WINDOW]
    del listened_to
    if over.size:
        yield over
    yield from blocks


def _cents(sound: Samples) -> int:
    found = _Directions()
    count = sound.size // WINDOW
    for place in range(count):
        found.add(int(place >= count / 2), sound[place * WINDOW : (place + 1) * WINDOW])
    return found.cents()


def stretch(cents: int) -> float:
    """How much longer a recording becomes that is put right by playing it at another speed."""
    return float(2.0 ** (cents / 1200))


def in_tune(blocks: Iterable[Samples], cents: int) -> Iterator[Samples]:
    """The same sound without its `cents`: `stretch` times as long."""
    if not cents:
        yield from blocks
        return
    rate = soxr.ResampleStream(RATE_HZ, RATE_HZ * stretch(cents), 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield rate.resample_chunk(block)
    yield rate.resample_chunk(np.zeros(0, np.float32), last=True)


_HANN: Final = np.hanning(WINDOW).astype(np.float32)
_FIRST, _LAST = (int(hz * WINDOW / RATE_HZ) for hz in (LOWEST_HZ, HIGHEST_HZ))


def _peaks(window: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each peak its distance from the nearest key of a piano in tune, -50..50 cents, and how loud it is."""
    spectrum = np.abs(np.fft.rfft(window * _HANN))
    near = spectrum[_FIRST - 1 : _LAST + 2]
    here = near[1:-1]
    (at,) = np.nonzero(
        (here > near[:-2]) & (here >= near[2:]) & (here > QUIETEST * here.max(initial=0.0)) & (here > 1e-3)
    )
    before, top, after = (np.log(near[at + shift]) for shift in (0, 1, 2))
    exact = _FIRST + at + 0.5 * (before - after) / (before - 2 * top + after)
    keys = 12 * np.log2(exact * RATE_HZ / WINDOW / 440)
    return (keys - np.rint(keys)) * 100, np.exp(top)


def _angle(direction: complex) -> float:
    return float(np.angle(direction)) * 100 / (2 * np.pi)
