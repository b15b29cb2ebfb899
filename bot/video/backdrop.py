"""What stands still in a video: title, legend, labels and keys, and what lies behind the notes."""

from functools import cache

import msgspec

from bot.language import language_of
from bot.music.clock_time import clock_time
from bot.music.columns import NDArray, np
from bot.music.roll import colours, legend
from bot.music.roll.canvas import Canvas, fitted, text_width
from bot.music.roll.grid import BLACK_KEYS, octaves_a_label
from bot.music.roll.labels import lettered
from bot.music.roll.layout import Pitched, Rows
from bot.video import places as at
from bot.video.colours import BLACK_KEY, KEY_EDGE, WHITE_KEY
from bot.video.places import Places
from bot.video.shot import Shot

_LABEL_GAP = 8
KEYS_LEFT, KEYS_RIGHT = at.LEFT - at.KEYS_WIDTH - 4, at.LEFT - 4
_BLACK_KEY_RIGHT = KEYS_LEFT + 26
_PAD_MARGIN = 3
_TITLE_MIDDLE = at.HEAD_MARGIN + at.TITLE_HEIGHT // 2


class Pad(msgspec.Struct, frozen=True):
    """A kind of drum: the first and the last of its rows, and where it is hit."""

    rows: range
    top: int
    bottom: int


def canvas(shot: Shot, places: Places, *, names: int = colours.FAINT_TEXT) -> Canvas:
    """A frame before anything sounds, with the names of instruments in one colour."""
    say = language_of(shot.locale)
    drawn = Canvas(np.full((at.HEIGHT, at.WIDTH), colours.GROUND, np.uint8))
    width = at.WIDTH - 3 * at.MARGIN - text_width(clock(shot, shot.song_seconds), at.LABEL_SIZE)
    if shot.title:
        title = fitted(shot.title, at.TITLE_SIZE, width)
        drawn.write(title, at.MARGIN, _TITLE_MIDDLE, size=at.TITLE_SIZE)
    legend.draw(drawn, list(places.legend), places.legend_top, at.LEGEND, colour=names)
    if places.pitched:
        _draw_keys(drawn, places.pitched)
    if places.lane:
        for kind in places.lane.kinds:
            name = fitted(lettered(say, kind.name), at.LABEL_SIZE, KEYS_LEFT - _LABEL_GAP)
            _draw_label(drawn, name, KEYS_LEFT, (kind.top + kind.bottom) // 2)
    for pad in pads(places):
        drawn.fill(KEYS_LEFT, pad.top, KEYS_RIGHT, pad.bottom, colours.TIME_LINE)
    drawn.fill(0, at.BAR_TOP, at.WIDTH, at.BAR_BOTTOM, colours.PLOT)
    return drawn


def clock(shot: Shot, seconds: float) -> str:
    """Where in the song it is, in whole seconds that are over, as players count; its length is that of the answer."""
    length = round(shot.song_seconds)
    return f"{clock_time(min(int(seconds), length))} / {clock_time(length)}"


@cache
def clock_pixels(told: str) -> "NDArray[np.uint8]":
    """The clock at the right end of the title's line."""
    width = text_width(told, at.LABEL_SIZE) + at.MARGIN
    drawn = Canvas(np.full((at.TITLE_HEIGHT, width), colours.GROUND, np.uint8))
    drawn.write(told, 0, at.TITLE_HEIGHT // 2, size=at.LABEL_SIZE, colour=colours.FAINT_TEXT)
    return drawn.pixels


def ground(places: Places) -> "NDArray[np.uint8]":
    """The colours of the roll without notes, from its top to its bottom."""
    column = np.full(places.bottom - places.top, colours.GROUND, np.uint8)
    for rows, lowest in _parts(places):
        column[rows.top - places.top : rows.bottom - places.top] = colours.PLOT
        if lowest is None:
            continue
        edges = (rows.edges - places.top).tolist()
        for row in range(rows.count):
            if (lowest + row) % 12 in BLACK_KEYS:
                column[edges[row + 1] : edges[row]] = colours.BLACK_KEYS
            if (lowest + row) % 12 == 0:
                column[edges[row] - 1 : edges[row]] = colours.OCTAVE_LINE
    if places.lane:
        for kind in places.lane.kinds[:-1]:
            column[kind.top - places.top - 1 : kind.top - places.top + 1] = colours.GROUND
    return column


def pads(places: Places) -> list[Pad]:
    """The pads of the drums, from the lowest up."""
    if places.lane is None:
        return []
    rows = places.lane.rows
    above = places.pitched.rows.count if places.pitched else 0
    found = []
    for kind in places.lane.kinds:
        own = np.flatnonzero((rows.edges[1:] >= kind.top) & (rows.edges[:-1] <= kind.bottom))
        own = own + above
        found.append(
            Pad(range(int(own[0]), int(own[-1]) + 1), kind.top + _PAD_MARGIN, kind.bottom - _PAD_MARGIN)
        )
    return found


def _parts(places: Places) -> list[tuple[Rows, int | None]]:
    found: list[tuple[Rows, int | None]] = []
    if places.pitched:
        found.append((places.pitched.rows, places.pitched.lowest))
    if places.lane:
        found.append((places.lane.rows, None))
    return found


def _draw_keys(drawn: Canvas, pitched: Pitched) -> None:
    rows = pitched.rows
    edges = rows.edges.tolist()
    drawn.fill(KEYS_LEFT, rows.top, KEYS_RIGHT, rows.bottom, WHITE_KEY)
    every = octaves_a_label(rows, at.LABEL_SIZE)
    for row in range(rows.count):
        pitch, top, bottom = pitched.lowest + row, edges[row + 1], edges[row]
        if pitch % 12 in BLACK_KEYS:
            middle = (top + bottom) // 2
            drawn.fill(KEYS_LEFT, middle, KEYS_RIGHT, middle + 1, KEY_EDGE)
            drawn.fill(KEYS_LEFT, top, _BLACK_KEY_RIGHT, bottom, BLACK_KEY)
        if pitch % 12 in {0, 5}:  # no black key lies below C and F
            drawn.fill(KEYS_LEFT, bottom - 1, KEYS_RIGHT, bottom, KEY_EDGE)
        if pitch % 12 == 0 and pitch // 12 % every == 0:
            _draw_label(drawn, f"C{pitch // 12 - 1}", KEYS_LEFT, (top + bottom) // 2)


def _draw_label(drawn: Canvas, text: str, right: int, middle: int) -> None:
    x = right - _LABEL_GAP - text_width(text, at.LABEL_SIZE)
    drawn.write(text, x, middle, size=at.LABEL_SIZE, colour=colours.FAINT_TEXT)
