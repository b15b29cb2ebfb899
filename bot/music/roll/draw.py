"""A song -> its piano roll: a PNG of 1200 x 900 and the words that describe it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.language import ENGLISH, Language
from bot.music.chords.hear import Chords
from bot.music.clock_time import clock_time
from bot.music.overlaps import Ints
from bot.music.roll import afar, colours, legend
from bot.music.roll.canvas import WIDTH, Canvas, text_width
from bot.music.roll.chord_line import HEIGHT as CHORDS_HEIGHT
from bot.music.roll.chord_line import draw_chords
from bot.music.roll.grid import draw_grid
from bot.music.roll.labels import drawable
from bot.music.roll.layout import RIGHT, Layout, Rows, lay_out
from bot.music.roll.words import describe
from bot.music.song import Song, Track

_TITLE_SIZE, _TITLE_HEIGHT = 46, 64
_HEAD_MARGIN = 14

_LEAST_NOTE, _LEAST_HIT = 5, 6
"""Pixels: at a third of the size, as Discord shows it, one and more is left."""

_ROW_GAP = 8
"""A bar leaves an eighth of its row free above and below, in whole pixels: a low row is filled."""

_REST = 2
"""Pixels of ground between a note and the next on its pitch, so that repeated notes do not become one."""


@dataclass(frozen=True, slots=True)
class Roll:
    """A picture and its alt text of at most 1024 characters."""

    png: bytes
    alt_text: str


def draw(song: Song, *, title: str = "", say: Language = ENGLISH, chords: Chords | None = None) -> Roll:
    """The piano roll of `song`, lettered and described in one language; the same song gives the same bytes.

    Chords stand above the notes where they are sure.

    Takes tens of milliseconds: not for the loop.
    """
    canvas = Canvas()
    entries = legend.entries(legend.parts(song, say), say)
    heading = drawable(title, "") if title else ""
    legend_top = _HEAD_MARGIN + (_TITLE_HEIGHT if heading else 0)
    lines = 1 + max((entry.line for entry in entries), default=0)
    top = legend_top + lines * legend.LINE_HEIGHT + _HEAD_MARGIN
    named = chords if chords and chords.is_sure else None
    layout = lay_out(song, top + CHORDS_HEIGHT if named else top)
    if heading:
        _draw_title(canvas, heading, song, say)
    _draw_legend(canvas, entries, legend_top)
    draw_grid(canvas, layout, say)
    if named:
        draw_chords(canvas, layout, named)
    _draw_notes(canvas, layout, song)
    return Roll(canvas.png(), describe(song, title, say))


def _draw_title(canvas: Canvas, title: str, song: Song, say: Language) -> None:
    count = song.note_count
    notes = drawable(*(each.plural("{count} note", "{count} notes", count) for each in (say, ENGLISH)))
    facts = f"{notes} · {clock_time(song.duration_seconds)}"
    x = WIDTH - legend.MARGIN - text_width(facts, legend.SIZE)
    middle = _HEAD_MARGIN + _TITLE_HEIGHT // 2
    canvas.write(facts, x, middle, size=legend.SIZE, colour=colours.FAINT_TEXT)
    while len(title) > 1 and legend.MARGIN + text_width(title, _TITLE_SIZE) > x - legend.MARGIN:
        title = title.removesuffix("…")[:-1].rstrip() + "…"
    canvas.write(title, legend.MARGIN, middle, size=_TITLE_SIZE)


def _draw_legend(canvas: Canvas, entries: list[legend.Entry], top: int) -> None:
    for entry in entries:
        middle = top + entry.line * legend.LINE_HEIGHT + legend.LINE_HEIGHT // 2
        x = entry.x
        if entry.hue is not None:
            colour = colours.note_colour(entry.hue)
            edge = middle - legend.SWATCH // 2
            canvas.fill(x, edge, x + legend.SWATCH, edge + legend.SWATCH, colour)
            x += legend.SWATCH + legend.SWATCH_GAP
        canvas.write(entry.text, x, middle, size=legend.SIZE)


def _draw_notes(canvas: Canvas, layout: Layout, song: Song) -> None:
    """Large parts first, so that a melody of few notes lies on top of what accompanies it."""
    shown = [(track, hue) for track, hue in zip(song.tracks, legend.hues(song), strict=True) if len(track)]
    for track, hue in sorted(shown, key=lambda each: -len(each[0])):
        if track.is_drums and layout.lane:
            rows, row = layout.lane.rows, layout.lane.row_of[track.pitch]
        elif layout.pitched:
            rows, row = layout.pitched.rows, track.pitch.astype(np.int64) - layout.pitched.lowest
        else:
            continue
        if layout.seconds > afar.FROM_SECONDS:
            _stretch(canvas, rows, afar.lines(track, row, hue, layout, rows.count))
        else:
            _stretch(canvas, rows, _lines(_cells(track, row, hue, layout), rows.count))


@dataclass(frozen=True, slots=True)
class _Cells:
    """Bars: a row, the columns from `left` up to `right`, and a colour."""

    row: Ints
    left: Ints
    right: Ints
    colour: Ints


def _cells(track: Track, row: Ints, hue: int, layout: Layout) -> _Cells:
    """The bars of a track, one after another in each row: what begins later ends what is before it.

    So the bars of a row never cover more than its width, whatever the notes are.
    """
    left = layout.columns(track.start_seconds)
    least_width = _LEAST_HIT if track.is_drums else _LEAST_NOTE
    end = left + least_width if track.is_drums else layout.columns(track.end_seconds) - _REST
    # The loudest of those that begin in one column comes last, and takes it.
    order = np.lexsort((track.velocity, left, row))
    row, left = row[order], left[order]
    right = np.minimum(np.maximum(end[order], left + least_width), RIGHT)
    left = np.minimum(left, RIGHT - least_width)
    same_row = row[1:] == row[:-1]
    right[:-1] = np.where(same_row, np.minimum(right[:-1], left[1:]), right[:-1])
    level = track.velocity[order].astype(np.int64) * colours.LEVELS // 128
    return _Cells(row, left, right, colours.note_colour(hue) - (colours.LEVELS - 1) + level)


def _lines(cells: _Cells, rows: int) -> NDArray[np.uint8]:
    """One line of pixels a row; 0 where nothing sounds."""
    lines = np.zeros((rows, WIDTH), np.uint8)
    widths = np.maximum(cells.right - cells.left, 0)
    starts = np.cumsum(widths) - widths
    first = cells.row * WIDTH + cells.left - starts
    lines.ravel()[np.repeat(first, widths) + np.arange(int(widths.sum()))] = np.repeat(cells.colour, widths)
    return lines


def _stretch(canvas: Canvas, rows: Rows, lines: NDArray[np.uint8]) -> None:
    """Give each row its height."""
    edges = rows.edges.tolist()
    for row in np.flatnonzero(lines.any(axis=1)).tolist():
        top, bottom = edges[row + 1], edges[row]
        gap = (bottom - top) // _ROW_GAP
        band = canvas.pixels[top + gap : max(bottom - gap, top + gap + 1)]
        np.copyto(band, lines[row], where=lines[row] != 0)
