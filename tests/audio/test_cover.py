"""Covers: made anew, small, in a process of their own."""

import io
import struct
import zlib

import pytest
from PIL import Image

from bot.audio.cover import thumbnail
from bot.audio.small_cover import SIDE, small
from tests.audio.tagged import picture


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["JPEG"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
async def test_a_cover_comes_back_as_a_small_jpeg(kind: str) -> None:
    made = _opened(await thumbnail(picture((1200, 600), kind, "blue")))
    assert made.size == (SIDE, SIDE // 2)
    channels = [band.getpixel((80, 40)) for band in made.split()]
    assert channels == [pytest.approx(0, abs=30), pytest.approx(0, abs=30), pytest.approx(255, abs=30)]


async def test_what_hangs_on_a_picture_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "made by somebody at home"
    made = io.BytesIO()
    Image.new("RGB", (600, 600)).save(made, "JPEG", exif=exif, comment=b"a secret")
    again = await thumbnail(made.getvalue())
    assert b"somebody" not in again
    assert b"secret" not in again


async def test_a_picture_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = io.BytesIO()
    Image.new("RGB", (600, 300)).save(made, "JPEG", exif=exif)
    assert _opened(await thumbnail(made.getvalue())).size == (SIDE // 2, SIDE)


def _png_bomb(side: int) -> bytes:
    """A PNG of so many black pixels a side: 220 kB hold 400 million."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (side // 8 + 1)), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data", [b"", b"no picture", picture()[:100], _png_bomb(20_000), b"<svg/>", b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
async def test_what_is_no_cover_is_none(data: bytes) -> None:
    assert await thumbnail(data) == b""


def test_the_largest_one_is_within_the_pixels_that_are_allowed() -> None:
    with pytest.raises(ValueError, match="4104 x 4104 pixels"):
        small(_png_bomb(4104))
