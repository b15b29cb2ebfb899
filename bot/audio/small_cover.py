"""`python -m bot.audio.small_cover`: a picture on standard input, a small one on standard output."""

import io
import sys
from typing import Final

from PIL import Image, ImageOps

from bot.modest import be_modest

SIDE: Final = 160
"""Pixels: Discord shows 80, and on fine screens twice as many. 5 to 10 KB."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_MOST_PIXELS: Final = 4096 * 4096
_MOST_BYTES: Final = 256 << 20
"""Of memory: so many pixels take 64 MB with their transparency, and 48 MB more without."""

_QUALITY: Final = 80


def small(cover: bytes) -> bytes:
    """A picture as a JPEG of at most 160 x 160 pixels.

    Raises:
        ValueError: it has too many pixels.
        OSError: it is no picture of a known kind.
    """
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
    """Draw it anew."""
    be_modest(_MOST_BYTES)
    sys.stdout.buffer.write(small(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
