"""A song -> its piano roll: a PNG of 1200 x 900 and the words that describe it."""

import msgspec

from bot.language import ENGLISH, Language
from bot.music.chords.hear import Chords
from bot.music.clock_time import clock_time
from bot.music.columns import Ints, NDArray, np
from bot.music.roll import afar, colours, legend
from bot.music.roll.canvas import WIDTH, Canvas, fitted, text_width
from bot.music.roll.cells import cells, paint
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


class Roll(msgspec.Struct, frozen=True):
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
    legend.draw(canvas, entries, legend_top)
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
    canvas.write(fitted(title, _TITLE_SIZE, x - 2 * legend.MARGIN), legend.MARGIN, middle, size=_TITLE_SIZE)


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
            _stretch(canvas, rows, _lines(track, row, hue, layout, rows.count))


def _lines(track: Track, row: Ints, hue: int, layout: Layout, rows: int) -> "NDArray[np.uint8]":
    """One line of pixels a row; 0 where nothing sounds."""
    left = layout.columns(track.start_seconds)
    least_width = _LEAST_HIT if track.is_drums else _LEAST_NOTE
    end = left + least_width if track.is_drums else layout.columns(track.end_seconds) - _REST
    bars = cells(row, left, end, track.velocity, least_width=least_width, edge=RIGHT)
    lines = np.zeros((rows, WIDTH), np.uint8)
    paint(lines, bars, colours.entries_of(hue, track.velocity[bars.order]))
    return lines


def _stretch(canvas: Canvas, rows: Rows, lines: "NDArray[np.uint8]") -> None:
    """Give each row its height."""
    edges = rows.edges.tolist()
    for row in np.flatnonzero(lines.any(axis=1)).tolist():
        top, bottom = edges[row + 1], edges[row]
        gap = (bottom - top) // _ROW_GAP
        band = canvas.pixels[top + gap : max(bottom - gap, top + gap + 1)]
        np.copyto(band, lines[row], where=lines[row] != 0)
