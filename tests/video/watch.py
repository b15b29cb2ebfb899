"""Reads a video back, with PyAV: its streams, frames and samples."""

import io
from dataclasses import dataclass
from typing import Any, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from bot.video.colours import argb

Frame: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True)
class Watched:
    """A video as a player has it."""

    codecs: tuple[str, str]
    pixels: str
    size: tuple[int, int]
    rate: float
    seconds: float
    frames: list[Frame]
    """Red, green and blue; only those that were asked for."""
    samples: NDArray[np.float32]


def watched(mp4: bytes, *, at: set[int] | None = None) -> Watched:
    """A video decoded; `at` are the numbers of the frames to keep, else all."""
    with av.open(io.BytesIO(mp4), "r") as container:
        assert "mp4" in container.format.name
        (picture,), (sound,) = container.streams.video, container.streams.audio
        assert container.duration is not None
        frames: list[Frame] = []
        samples: list[Any] = []
        number = 0
        for found in container.decode(picture, sound):
            if isinstance(found, av.AudioFrame):
                samples.append(found.to_ndarray())
            elif isinstance(found, av.VideoFrame):
                if at is None or number in at:
                    frames.append(found.to_ndarray(format="rgb24").astype(np.uint8))
                number += 1
        return Watched(
            (picture.codec_context.name, sound.codec_context.name),
            str(picture.codec_context.pix_fmt),
            (picture.width, picture.height),
            float(picture.average_rate or 0),
            container.duration / av.time_base,
            frames,
            np.concatenate(samples, axis=1),
        )


def boxes(mp4: bytes) -> list[str]:
    """The names of the file's outermost boxes, in order."""
    found, place = [], 0
    while place < len(mp4):
        found.append(mp4[place + 4 : place + 8].decode("ascii"))
        place += int.from_bytes(mp4[place : place + 4])
    return found


def is_near(pixel: Frame, entry: int, *, within: int = 40) -> bool:
    """Whether a decoded pixel is an entry of the palette, as far as the encoder leaves it."""
    wanted = argb()[entry, 1:].astype(int)
    return int(abs(pixel.astype(int) - wanted).max()) <= within
