"""Samples on their way from the synthesizer to the file."""

import math
from typing import TypeAlias

from bot.music.columns import NDArray, np

SAMPLE_RATE = 48_000
"""Opus' own, so that nothing is resampled."""

Pcm: TypeAlias = "NDArray[np.float32]"
"""Stereo samples: one row a frame, left and right; full scale is -1..1."""

_PEAK = 0.8
"""Of full scale: Opus at 64 kbit/s overshoots by up to 1.5 dB."""

_SILENCE = 1e-4
"""80 dB below full scale: nothing worth raising."""


def silence(frames: int) -> Pcm:
    """So many frames of it."""
    return np.zeros((frames, 2), np.float32)


def from_bytes(samples: bytes, frames: int) -> Pcm:
    """Interleaved 32-bit floats as exactly `frames`: cut off, or silence at the end."""
    pcm = silence(frames)
    found = np.frombuffer(samples, np.float32)[: 2 * frames]
    pcm.ravel()[: len(found)] = found
    return pcm


def finished(pcm: Pcm, *, fade_in_seconds: float, fade_out_seconds: float) -> Pcm:
    """The same samples, in place: raised or lowered to one peak, and faded at both ends."""
    loudest = max(float(pcm.max(initial=0.0)), -float(pcm.min(initial=0.0)))
    if loudest > _SILENCE:
        pcm *= np.float32(_PEAK / loudest)
    rise = _ramp(fade_in_seconds, len(pcm))
    pcm[: len(rise)] *= rise
    fall = _ramp(fade_out_seconds, len(pcm))[::-1]
    pcm[len(pcm) - len(fall) :] *= fall
    return pcm


def _ramp(seconds: float, most: int) -> "NDArray[np.float32]":
    """From 0 up to 1 as the square of a sine does, which has no corner to click: one column, a row a frame."""
    frames = min(round(seconds * SAMPLE_RATE), most)
    return (np.sin(np.linspace(0, math.pi / 2, frames)) ** 2).astype(np.float32)[:, np.newaxis]
