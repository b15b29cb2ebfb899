"""A cover, made anew and small: what a stranger made of bytes is drawn in a process of its own, and only its pixels come back."""

from typing import Final

import structlog

from bot.helper import HelperError, answer

log = structlog.get_logger(__name__)

_SECONDS: Final = 10.0


async def thumbnail(cover: bytes) -> bytes:
    """A picture as a JPEG of at most 160 x 160 pixels; empty where it is none, or too large."""
    if not cover:
        return b""
    try:
        return await answer("-m", "bot.audio.small_cover", given=cover, seconds=_SECONDS)
    except HelperError as error:
        log.info("cover.none", error=str(error)[-200:])
        return b""
