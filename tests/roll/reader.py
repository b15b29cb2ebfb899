"""Reads a piano roll back: bars of one colour, and the places where a text stands."""

import io
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bot.language import ENGLISH, Language
from bot.music.roll import colours
from bot.music.roll.draw import draw
from bot.music.song import Song

Bits: TypeAlias = NDArray[np.bool_]


class Bar(NamedTuple):
    """A rectangle of one palette entry; right and bottom are the first pixel outside."""

    left: int
    top: int
    right: int
    bottom: int
    entry: int


class Spot(NamedTuple):
    """Where a text stands: its left end and its middle."""

    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """A roll as decoded from its PNG."""

    entries: NDArray[np.uint8]
    palette: NDArray[np.uint8]
    alt_text: str

    def bars(self, hue: int) -> list[Bar]:
        """The bars of a hue at any velocity, by row from above, then from the left."""
        low, high = colours.note_colour(hue, 0), colours.note_colour(hue)
        lines = self.entries.astype(np.int64)
        lines[(lines < low) | (lines > high)] = -1
        growing: dict[tuple[int, int, int], int] = {}
        done: list[Bar] = []
        for y, line in enumerate([*lines, np.full(lines.shape[1], -1)]):
            runs = set(_runs(line))
            ended = [run for run in growing if run not in runs]
            done.extend(Bar(run[0], growing.pop(run), run[1], y, run[2]) for run in ended)
            for run in runs:
                growing.setdefault(run, y)
        return sorted(done, key=lambda bar: (bar.top, bar.left))

    def swatch(self, hue: int) -> Bar:
        """The hue's square in the legend."""
        low, high = colours.note_colour(hue, 0), colours.note_colour(hue)
        squares = (bar for bar in self.bars(hue) if bar.right - bar.left == bar.bottom - bar.top > 20)
        return next(bar for bar in squares if low <= bar.entry <= high)

    def light(self, entry: int) -> float:
        """How bright a palette entry is, 0..255, by the eye's weights."""
        return float(self.palette[entry] @ np.array([0.299, 0.587, 0.114]))

    def spots(self, text: str, size: int, colour: int) -> list[Spot]:
        """Where `text` stands in this size and colour, with nothing else inside its box."""
        lit = (self.entries >= colour + colours.SHADES // 2 - 1) & (self.entries < colour + colours.SHADES)
        pattern = _pattern(text, size)
        height = len(pattern)
        hits = _overlap(lit, pattern)
        inside = _overlap(lit, np.ones_like(pattern))
        ys, xs = np.nonzero((hits == pattern.sum()) & (inside == pattern.sum()))
        return [Spot(x, y + height // 2) for y, x in zip(ys.tolist(), xs.tolist(), strict=True)]


def picture(song: Song, *, title: str = "", say: Language = ENGLISH) -> Picture:
    """A song's roll, read back."""
    roll = draw(song, title=title, say=say)
    with Image.open(io.BytesIO(roll.png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "P", (1200, 900))
        palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
        return Picture(np.asarray(image).copy(), palette, roll.alt_text)


def _runs(line: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
    return [(left, right, int(line[left])) for left, right in pairwise(edges) if line[left] >= 0]


def _pattern(text: str, size: int) -> Bits:
    """The text as Pillow draws it, cut to what is lit."""
    mask = Image.new("L", (size * (len(text) + 2), size * 3))
    ImageDraw.Draw(mask).text((size, size), text, fill=255, font=ImageFont.load_default(size))
    lit = np.asarray(mask) >= 128
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    return lit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _overlap(lit: Bits, pattern: Bits) -> NDArray[np.int64]:
    """For each place of the pattern's corner, how many of its pixels are lit there."""
    height, width = pattern.shape
    spectrum = np.fft.rfft2(lit) * np.conj(np.fft.rfft2(pattern, lit.shape))
    whole = np.rint(np.fft.irfft2(spectrum, lit.shape)).astype(np.int64)
    return whole[: lit.shape[0] - height + 1, : lit.shape[1] - width + 1]
