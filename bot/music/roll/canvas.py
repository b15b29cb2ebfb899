"""A picture as an array of palette entries: filled, lettered, and written as PNG."""

import contextlib
import io
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from bot.music.columns import NDArray, np
from bot.music.roll import colours
from bot.music.roll.typefaces import typeface

if TYPE_CHECKING:
    # 5 MB, and 30 ms of each start: it is loaded with the first picture.
    from PIL import ImageFont

WIDTH, HEIGHT = 1200, 900
"""Discord shows it 400 x 300, on phones and beside them: a third."""

_COMPRESSION = 4
"""Of zlib's 1..9. A roll of 10k notes: 12 ms and 40 kB; at the usual 6, 27 ms and 35 kB."""

_MOST_KEPT = 64
"""Texts: names of keys, times and instruments come again in most pictures. The widest is 85 kB."""

_MIDDLE = "lm"
"""Pillow's anchor: left, and the middle between ascender and descender."""


def _blank() -> "NDArray[np.uint8]":
    return np.full((HEIGHT, WIDTH), colours.GROUND, np.uint8)


class Canvas(msgspec.Struct, frozen=True):
    """Palette entries, at first 1200 x 900 of ground."""

    pixels: "NDArray[np.uint8]" = msgspec.field(default_factory=_blank)

    def fill(self, left: int, top: int, right: int, bottom: int, colour: int) -> None:
        """A rectangle, without its right and bottom edge; what lies outside is left out."""
        self.pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = colour

    def write(self, text: str, x: int, middle: int, *, size: int, colour: int = colours.TEXT) -> int:
        """Letters on bare ground from `x`, around the height `middle`; returns where they end."""
        end = x + text_width(text, size)
        top, left = max(middle - size, 0), max(x, 0)
        room = self.pixels[top : middle + size, left : end + 2]
        if not room.size:
            return end
        letters = _letters(text, size, typeface(text))[top - (middle - size) :, left - x :]
        shades = letters[: room.shape[0], : room.shape[1]].astype(np.int64) * colours.SHADES // 255
        lit = shades > 0
        room[lit] = (colour + shades[lit] - 1).astype(np.uint8)
        return end

    def png(self) -> bytes:
        """The picture as a PNG file; equal pixels give equal bytes."""
        from PIL import Image  # noqa: PLC0415 (see above)

        image = Image.fromarray(self.pixels)
        image.putpalette(colours.palette())
        file = io.BytesIO()
        image.save(file, format="PNG", compress_level=_COMPRESSION)
        return file.getvalue()


@lru_cache(maxsize=_MOST_KEPT)
def _letters(text: str, size: int, path: str | None) -> "NDArray[np.uint8]":
    """How much of each pixel letters cover, 0..255, from `size` above their middle to `size` below it."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 (see above)

    font = _font(size, path)
    mask = Image.new("L", (round(font.getlength(text)) + 2, 2 * size))
    ImageDraw.Draw(mask).text((0, size), text, fill=255, font=font, anchor=_MIDDLE)
    return np.asarray(mask)


def text_width(text: str, size: int) -> int:
    """How many pixels wide `text` is."""
    return round(_font(size, typeface(text)).getlength(text))


def fitted(text: str, size: int, width: int) -> str:
    """As much of `text` as is `width` pixels wide, the last sign being an ellipsis where something is cut."""
    while len(text) > 1 and text_width(text, size) > width:
        text = text.removesuffix("…")[:-1].rstrip() + "…"
    return text


@lru_cache(maxsize=32)
def _font(size: int, path: str | None) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own font, which comes inside the library, or that of a file."""
    from PIL import ImageFont  # noqa: PLC0415 (see above)

    if path:
        # A package manager takes fonts away while the bot runs.
        with contextlib.suppress(OSError):
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)
