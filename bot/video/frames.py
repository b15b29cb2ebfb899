"""A shot -> its frames: the roll moves past a line, and what sounds is lit."""

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from bot.language import language_of
from bot.music.columns import Ints, NDArray, np
from bot.music.roll import colours
from bot.music.roll.canvas import text_width
from bot.video import backdrop, chord_names
from bot.video import places as at
from bot.video.colours import BAR_LINE, ELAPSED, LINE, lit
from bot.video.places import Places, place
from bot.video.shot import Shot
from bot.video.strip import Strip, strip

Pixels: TypeAlias = "NDArray[np.uint8]"

_WINDOW_FRAMES = 300
"""Of the strip, so much is drawn at a time: 10 s take 2 MB, whatever the length of the song."""

_FLASH = 16
"""Columns: a drum that was hit is lit for 0.13 s, as a shorter flash is missed."""

_ROW_GAP = 8
"""A bar leaves an eighth of its row free above and below, in whole pixels."""


_LOW_ROW, _GLOW = 7, 1
"""Pixels: where rows are lower, a lit note is so much higher on both sides."""


def count_of(shot: Shot) -> int:
    """How many frames a shot has."""
    return max(1, round(shot.seconds * at.FRAMES_PER_SECOND))


def frames(shot: Shot) -> Iterator[Pixels]:
    """Each frame as palette entries. It is overwritten by the next one."""
    drawing = _Drawing.of(shot)
    frame = np.empty((at.HEIGHT, at.WIDTH), np.uint8)
    count = count_of(shot)
    begin = round(shot.start_seconds * at.PIXELS_PER_SECOND) - (at.LINE - at.LEFT)
    for first in range(0, count, _WINDOW_FRAMES):
        last = min(first + _WINDOW_FRAMES, count)
        window = drawing.window(begin + first * at.STEP, (last - first) * at.STEP)
        for number in range(first, last):
            drawing.draw(frame, window, number - first, number / count)
            yield frame


class _Window(msgspec.Struct, frozen=True):
    """A piece of the strip from column `left` on: which bar is where, and how it looks before and after it sounds."""

    left: int
    numbers: "NDArray[np.int32]"
    waiting: Pixels
    past: Pixels


class _Drawing(msgspec.Struct, frozen=True):
    """What is the same in all frames."""

    shot: Shot
    places: Places
    strip: Strip
    still: Pixels
    named: Pixels
    """A frame in which all instruments sound."""
    tops: list[int]
    bottoms: list[int]
    """Of each row of the strip."""
    pads: list[backdrop.Pad]

    @classmethod
    def of(cls, shot: Shot) -> "_Drawing":
        places = place(shot.song, shot.legend, language_of(shot.locale), has_chords=bool(shot.chords))
        parts = [part.rows for part in (places.pitched, places.lane) if part]
        return cls(
            shot,
            places,
            strip(shot, places),
            backdrop.canvas(shot, places).pixels,
            backdrop.canvas(shot, places, names=colours.TEXT).pixels,
            np.concatenate([rows.edges[1:] for rows in parts]).tolist(),
            np.concatenate([rows.edges[:-1] for rows in parts]).tolist(),
            backdrop.pads(places),
        )

    def window(self, left: int, moves: int) -> _Window:
        """The strip for frames that move by so many columns."""
        width = moves + at.WIDTH - at.LEFT
        numbers = self.strip.numbers(left, width)
        ground = np.repeat(backdrop.ground(self.places)[:, np.newaxis], width, axis=1)
        for seconds in self.shot.lines:
            x = round(seconds * at.PIXELS_PER_SECOND) - left
            stretch = ground[:, max(x, 0) : max(x + 2, 0)]
            stretch[stretch != colours.GROUND] = BAR_LINE
        row_at = self._row_at()
        looks = []
        for entries in (self.strip.waiting, self.strip.past):
            table = np.concatenate(([0], entries)).astype(np.uint8)
            lines = table[numbers][row_at]
            looks.append(np.where(lines, lines, ground))
        return _Window(left, numbers, looks[0], looks[1])

    def _row_at(self) -> Ints:
        """Which row of the strip each line of pixels shows; the one without bars where it shows none."""
        found = np.full(self.places.bottom - self.places.top, self.strip.rows)
        for row, (top, bottom) in enumerate(zip(self.tops, self.bottoms, strict=True)):
            gap = (bottom - top) // _ROW_GAP
            first = top + gap - self.places.top
            found[first : max(bottom - gap - self.places.top, first + 1)] = row
        return found

    def draw(self, frame: Pixels, window: _Window, number: int, share: float) -> None:
        """The frame of a window by its number in it; `share` of the video is over."""
        x = number * at.STEP
        seconds = (window.left + x + at.LINE - at.LEFT) / at.PIXELS_PER_SECOND
        np.copyto(frame, self.still)
        clock = backdrop.clock_pixels(backdrop.clock(self.shot, seconds))
        frame[at.HEAD_MARGIN : at.HEAD_MARGIN + at.TITLE_HEIGHT, -clock.shape[1] :] = clock
        chord_names.draw(frame, self.shot.chords, seconds, self.places.top)
        line, width = at.LINE - at.LEFT, at.WIDTH - at.LEFT
        roll = frame[self.places.top : self.places.bottom, at.LEFT :]
        roll[:, :line] = window.past[:, x : x + line]
        roll[:, line:] = window.waiting[:, x + line : x + width]
        self._light(frame, window, x)
        frame[self.places.top : self.places.bottom, at.LINE - 1 : at.LINE + 1] = LINE
        frame[at.BAR_TOP : at.BAR_BOTTOM, : round(share * at.WIDTH)] = ELAPSED

    def _light(self, frame: Pixels, window: _Window, x: int) -> None:
        """The bars that are at the line, with their keys and names."""
        at_line = x + at.LINE - at.LEFT
        sounding = window.numbers[:, at_line].copy()
        if self.places.lane:
            kit = slice(self.places.pitched.rows.count if self.places.pitched else 0, None)
            sounding[kit] = window.numbers[kit, max(at_line - _FLASH, 0) : at_line + 1].max(axis=1)
        rows = np.flatnonzero(sounding)
        bars = sounding[rows] - 1
        # From the top of the strip down, as the numbers of bars are in the order of drawing.
        for row, bar in zip(rows.tolist(), bars.tolist(), strict=True):
            hue = int(self.strip.hue[bar])
            top, bottom = self.tops[row], self.bottoms[row]
            left = max(int(self.strip.left[bar]) - window.left - x, 0) + at.LEFT
            right = int(self.strip.right[bar]) - window.left - x + at.LEFT
            more = _GLOW if bottom - top < _LOW_ROW else 0
            frame[top - more : bottom + more, left:right] = lit(hue)
            if hue != colours.DRUMS:
                frame[top:bottom, backdrop.KEYS_LEFT : backdrop.KEYS_RIGHT] = colours.note_colour(hue)
        hit = set(rows.tolist())
        for pad in self.pads:
            if not hit.isdisjoint(pad.rows):
                frame[pad.top : pad.bottom, backdrop.KEYS_LEFT : backdrop.KEYS_RIGHT] = lit(colours.DRUMS)
        heard = set(self.strip.hue[bars].tolist())
        for entry in self.places.legend:
            if entry.hue in heard:
                top = self.places.legend_top + entry.line * at.LEGEND.line_height
                end = entry.x + at.LEGEND.swatch + at.LEGEND.swatch_gap
                end += text_width(entry.text, at.LEGEND.size) + 2
                box = np.s_[top : top + at.LEGEND.line_height, entry.x : end]
                frame[box] = self.named[box]
