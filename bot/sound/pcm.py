"""Samples on their way from the synthesizer to the file."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
"""Opus' own, so that nothing is resampled."""

Pcm: TypeAlias = NDArray[np.float32]
"""Stereo samples: one row a frame, left and right; full scale is -1..1."""

_PEAK = 0.8
"""Of full scale: Opus at 64 kbit/s overshoots by up to 1.5 dB."""

_SILENCE = 1e-4
"""80 dB below full scale: nothing worth raising."""


def from_bytes(samples: bytes | memoryview, frames: int) -> Pcm:
    """Interleaved 32-bit floats as exactly `frames`: cut off, or silence at the end."""
    found = np.frombuffer(samples, np.float32)
    found = found[: len(found) // 2 * 2].reshape(-1, 2)[:frames]
    pcm = np.zeros((frames, 2), np.float32)
    pcm[: len(found)] = found
    return pcm


def finished(pcm: Pcm, *, fade_in_seconds: float, fade_out_seconds: float) -> Pcm:
    """Raised or lowered to one peak, and faded at both ends."""
    loudest = float(np.abs(pcm).max(initial=0.0))
    gain = _PEAK / loudest if loudest > _SILENCE else 1.0
    envelope = np.full(len(pcm), gain, np.float32)
    rise = _ramp(fade_in_seconds, len(pcm))
    envelope[: len(rise)] *= rise
    fall = _ramp(fade_out_seconds, len(pcm))[::-1]
    envelope[len(envelope) - len(fall) :] *= fall
    return pcm * envelope[:, np.newaxis]


def _ramp(seconds: float, most: int) -> NDArray[np.float32]:
    """From 0 up to 1 along a quarter of a sine's square, which has no corner to click."""
    frames = min(round(seconds * SAMPLE_RATE), most)
    return (np.sin(np.linspace(0, math.pi / 2, frames)) ** 2).astype(np.float32)
