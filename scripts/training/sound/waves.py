"""What sounds are made of: sines whose pitch moves, fades, filters."""

import numpy as np
from numpy.typing import NDArray

from scripts.training.sound.sounds import RATE_HZ, Samples

Seconds = NDArray[np.float64]


def wave(hz: NDArray[np.float64]) -> Samples:
    """A sine that has the pitch `hz` at each sample."""
    return np.asarray(np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ), np.float32)


def fading(size: int, seconds: float) -> Samples:
    """From 1 down to 1/e in `seconds`."""
    return np.asarray(np.exp(-np.arange(size, dtype=np.float32) / np.float32(seconds * RATE_HZ)), np.float32)


def between(sound: Samples, lowest_hz: float, highest_hz: float, *, steepness: float = 4) -> Samples:
    """`sound` without what is lower or higher; at the lower edge it falls by 6 dB an octave times `steepness`."""
    hz = np.maximum(np.fft.rfftfreq(sound.size, 1 / RATE_HZ), 1)
    kept = 1 / (1 + np.minimum(lowest_hz / hz, 1e4) ** steepness) / (1 + (hz / highest_hz) ** 6)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * kept, sound.size), np.float32)
