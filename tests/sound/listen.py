"""Reads a preview back, with PyAV: samples, and how strongly a pitch is in them."""

import io
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000

Samples: TypeAlias = NDArray[np.float32]


def decoded(ogg: bytes) -> Samples:
    """The file's samples, one row a channel; the file is Ogg with one stream of Opus in stereo."""
    with av.open(io.BytesIO(ogg), "r") as container:
        assert container.format.name == "ogg"
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.rate, stream.layout.name) == ("opus", SAMPLE_RATE, "stereo")
        return np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)


def loudness(samples: Samples, start_seconds: float, end_seconds: float) -> float:
    """The root of the mean square of a part."""
    part = samples[:, round(start_seconds * SAMPLE_RATE) : round(end_seconds * SAMPLE_RATE)]
    return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))


def share_of_pitch(samples: Samples, pitch: int, start_seconds: float, end_seconds: float) -> float:
    """The part of a passage's energy, 0..1, that lies on the pitch's fundamental or one of five overtones."""
    part = samples[:, round(start_seconds * SAMPLE_RATE) : round(end_seconds * SAMPLE_RATE)].mean(axis=0)
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    frequencies = np.fft.rfftfreq(len(part), 1 / SAMPLE_RATE)
    fundamental = 440 * 2 ** ((pitch - 69) / 12)
    near = np.zeros(len(power), np.bool_)
    for overtone in range(1, 7):
        near |= np.abs(frequencies / (fundamental * overtone) - 1) < 0.015
    return float(power[near].sum() / power.sum())
