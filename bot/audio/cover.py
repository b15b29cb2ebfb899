"""A cover, made anew and small: what a stranger made of bytes is drawn in a process of its own, and only its pixels come back."""

import io
import sys
from typing import Final

import structlog

from bot.helper import HelperError, answer, be_modest

log = structlog.get_logger(__name__)

SIDE: Final = 160
"""Pixels: Discord shows 80, and on fine screens twice as many. 5 to 10 KB."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_MOST_PIXELS: Final = 4096 * 4096
_MOST_BYTES: Final = 256 << 20
"""Of memory: so many pixels take 64 MB with their transparency, and 48 MB more without."""

_SECONDS: Final = 10.0
_QUALITY: Final = 80


async def thumbnail(cover: bytes) -> bytes:
    """A picture as a JPEG of at most 160 x 160 pixels; empty where it is none, or too large."""
    if not cover:
        return b""
    try:
        return await answer("-m", "bot.audio.cover", given=cover, seconds=_SECONDS)
    except HelperError as error:
        log.info("cover.none", error=str(error)[-200:])
        return b""


def small(cover: bytes) -> bytes:
    """The same, here.

    Raises:
        ValueError: it has too many pixels.
        OSError: it is no picture of a known kind.
    """
    # The bot itself imports this module and draws nothing: Pillow is 5 MB, and 30 ms of each start.
    from PIL import Image, ImageOps  # noqa: PLC0415 (see above)

    with Image.open(io.BytesIO(cover), formats=_FORMATS) as found:
        if found.width * found.height > _MOST_PIXELS:
            raise ValueError(f"{found.width} x {found.height} pixels")
        # JPEGs can be read at an eighth of their size.
        found.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(found)
    upright.thumbnail((SIDE, SIDE))
    flat = Image.new("RGB", upright.size, "black")
    seen = upright.convert("RGBA")
    flat.paste(seen, mask=seen)
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


def main() -> None:
    """A picture on standard input, a small one on standard output."""
    be_modest(_MOST_BYTES)
    sys.stdout.buffer.write(small(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
