"""A shot as an mp4 file, made in a process of its own."""

import asyncio
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from bot.helper import HelperError, answer
from bot.sound import engines
from bot.video import mp4
from bot.video.errors import NoVideoError, VideoError, VideoTooLargeError
from bot.video.request import Film
from bot.video.shot import Shot

_PATIENCE_SECONDS, _PATIENCE_A_SECOND = 60.0, 2.0
"""A second of video takes 0.17 s of a core; on a small host with other work ten times that."""

_MAKER: Final = ("-m", "bot.video")


@cache
def available(sound_font: Path | None = None) -> bool:
    """Whether videos can be made here. Looks once, which reads files, and loads nothing."""
    return engines.available(sound_font) is None and mp4.encoder() is not None


async def film(
    shot: Shot,
    *,
    most_bytes: int,
    sound_font: Path | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> bytes:
    """The mp4 file; `told` hears now and then how many percent of it are done.

    The process ends with this call, however that ends; it takes up to 260 MB: whoever calls decides how many there may
    be at once.

    Raises:
        NoVideoError: what it takes is not installed here.
        VideoTooLargeError: the file has more than `most_bytes`.
        VideoError: the process failed, or took much longer than the video is.
    """
    if not await asyncio.to_thread(available, sound_font):
        raise NoVideoError("no synthesizer, sound font or encoder is installed")
    given = await asyncio.to_thread(_packed, shot, most_bytes, sound_font)
    patience = _PATIENCE_SECONDS + _PATIENCE_A_SECOND * shot.seconds
    try:
        made = await answer(*_MAKER, given=given, seconds=patience, told=lambda line: _tell(line, told))
    except HelperError as error:
        raise VideoError(f"making a video failed: {error}") from error
    if len(made) > most_bytes:
        raise VideoTooLargeError(
            f"{len(made)} bytes are more than {most_bytes}", limit_mb=most_bytes // 1024**2
        )
    return made


def _packed(shot: Shot, most_bytes: int, sound_font: Path | None) -> bytes:
    # The process may be in another folder.
    font = str(sound_font.resolve()) if sound_font else None
    return pickle.dumps(Film(shot, most_bytes, font), pickle.HIGHEST_PROTOCOL)


def _tell(line: bytes, told: Callable[[int], None]) -> None:
    """What else the process says is for the log of one that fails."""
    if line.isdigit():
        told(min(int(line), 100))
