"""How loud each pitch's own frequency is, frame by frame: the network tells what sounds, this tells when it swells and dies."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.decode import RATE_HZ, Samples

QUIETEST_DB: Final = -100.0
STEPS_A_DB: Final = 2
"""Half decibels from -100 in a byte: a minute is 0.45 MB."""

SMOOTH: Final = 4096
"""A Fourier transform of a length with a large prime factor takes ten times as long."""

Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Range:
    """Pitches that are looked at through one length of time: `frame` samples at a `factor`th of the rate."""

    first: int
    stop: int
    frame: int
    factor: int


RANGES: Final = (Range(21, 54, 512, 8), Range(54, 74, 256, 8), Range(74, 109, 512, 2))
"""186 ms below F#3, where semitones lie 5 Hz apart, 93 ms to C#5, then 46 ms: as short as the distance to the neighbour allows."""


class Fundamentals:
    """Looks at frames `hop` samples apart within a stretch of sound."""

    def __init__(self, *, first: int, hop: int, count: int) -> None:
        """The first of `count` frames has its middle at sample `first`."""
        self._first, self._hop, self._count = first, hop, count
        self._filters = {each: _filters(each) for each in RANGES}

    def levels(self, sound: Samples) -> Levels:
        """[88, count], from pitch 21 up."""
        size = -(-sound.size // SMOOTH) * SMOOTH
        spectrum = np.fft.rfft(sound, size).astype(np.complex64, copy=False)
        slow = {each.factor: _slower(spectrum, size, each.factor) for each in RANGES}
        rows = [self._power(slow[each.factor], each) for each in RANGES]
        decibels = 10 * np.log10(np.concatenate(rows, axis=1).T + 1e-10)
        levels: Levels = np.clip((decibels - QUIETEST_DB) * STEPS_A_DB + 0.5, 0, 255).astype(np.uint8)
        return levels

    def _power(self, sound: Samples, each: Range) -> NDArray[np.float32]:
        start = self._first // each.factor - each.frame // 2
        hop = self._hop // each.factor
        frames = np.lib.stride_tricks.sliding_window_view(sound[start:], each.frame)[::hop][: self._count]
        bins, filters, window = self._filters[each]
        spectrum = np.fft.rfft(frames * window)[:, bins]
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
        return power @ filters


def _slower(spectrum: NDArray[np.complex64], size: int, factor: int) -> Samples:
    """Every `factor`th sample of what lies below the new half rate. The ends are wrong for a few samples."""
    slow = np.fft.irfft(spectrum[: size // factor // 2 + 1] / factor, size // factor)
    return slow.astype(np.float32, copy=False)


def _filters(each: Range) -> tuple[slice, NDArray[np.float32], NDArray[np.float32]]:
    """The bins that matter, [bins, pitches] triangles of 3/4 of a semitone or a bin and a half, and the window."""
    width = RATE_HZ / each.factor / each.frame
    hz = np.arange(each.frame // 2 + 1) * width
    filters = np.zeros((hz.size, each.stop - each.first), np.float32)
    for place, pitch in enumerate(range(each.first, each.stop)):
        middle = 440 * 2 ** ((pitch - 69) / 12)
        reach = max(middle * (2 ** (1 / 12) - 1) * 0.75, width * 1.5)
        filters[:, place] = np.maximum(0, 1 - np.abs(hz - middle) / reach)
    used = np.flatnonzero(filters.any(axis=1))
    bins = slice(int(used[0]), int(used[-1]) + 1)
    window = (np.hanning(each.frame) / (each.frame / 4)).astype(np.float32)
    return bins, filters[bins], window
