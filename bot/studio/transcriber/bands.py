"""Sound as the loudness of 64 bands, frame by frame: what the network for drums looks at."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.decode import RATE_HZ, Samples
from bot.studio.transcriber.rows import Rows

HOP: Final = 256
"""Samples from one frame to the next: 11.6 ms. A frame's middle is at a multiple of it."""
FRAME: Final = 1024
BANDS: Final = 64
LOWEST_HZ: Final = 20.0
FRAMES_AT_ONCE: Final = 512

QUIETEST_DB: Final = -100.0
STEPS_A_DB: Final = 2
"""Loudness is kept in a byte, in half decibels from -100: a minute is 0.33 MB."""

Loudness = NDArray[np.uint8]


class Bands:
    """Collects the loudness of the sound that is fed to it, in blocks of any size."""

    def __init__(self, found: Rows) -> None:
        """Begin with half a frame of silence, so that the first frame's middle is the first sample."""
        self._rest = np.zeros(FRAME // 2, np.float32)
        self._found = found

    def feed(self, block: Samples) -> None:
        """Take the next block."""
        self._rest = np.concatenate([self._rest, block])
        if self._rest.size >= FRAME + FRAMES_AT_ONCE * HOP:
            self._take()

    def loudness(self) -> Rows:
        """[frames, 64], once everything has been fed."""
        self._rest = np.concatenate([self._rest, np.zeros(FRAME // 2, np.float32)])
        self._take()
        return self._found

    def _take(self) -> None:
        while self._rest.size >= FRAME:
            frames = np.lib.stride_tricks.sliding_window_view(self._rest, FRAME)[::HOP][:FRAMES_AT_ONCE]
            self._found.add(_loudness(frames))
            self._rest = self._rest[len(frames) * HOP :]


def of(blocks: Iterable[Samples]) -> Loudness:
    """The loudness of a short sound, held whole."""
    with Rows(BANDS) as rows:
        bands = Bands(rows)
        for block in blocks:
            bands.feed(block)
        return bands.loudness()[:]


def _loudness(frames: Samples) -> Loudness:
    spectrum = np.fft.rfft(frames * _WINDOW)
    power = (spectrum.real**2 + spectrum.imag**2) @ _FILTERS
    decibels = 10 * np.log10(power + 1e-10)
    return np.clip((decibels - QUIETEST_DB) * STEPS_A_DB + 0.5, 0, 255).astype(np.uint8)


def _filters() -> NDArray[np.float32]:
    """[bins, 64]: triangles on the mel scale; where bins are wider than a band, the nearest bin."""
    hz = np.arange(FRAME // 2 + 1) * RATE_HZ / FRAME
    highest = RATE_HZ / 2
    mels = np.linspace(_mel(LOWEST_HZ), _mel(highest), BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    filters = np.zeros((hz.size, BANDS))
    for band, (low, middle, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        shape = np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)).clip(0)
        if shape.sum() < 0.5:
            shape[np.abs(hz - middle).argmin()] = 1
        filters[:, band] = shape / shape.sum()
    return filters.astype(np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


_WINDOW = (np.hanning(FRAME) / (FRAME / 4)).astype(np.float32)
_FILTERS = _filters()
