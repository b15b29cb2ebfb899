"""What lies behind the notes: keys, octaves, the drums' lane and the time, with their labels."""

from bot.language import Language
from bot.music.clock_time import clock_time
from bot.music.roll import colours
from bot.music.roll.canvas import Canvas, text_width
from bot.music.roll.labels import lettered
from bot.music.roll.layout import BOTTOM, LEFT, RIGHT, Layout, Pitched, Rows

_SIZE = 38
"""A third of it, 12 pixels, is left on a phone."""
_LABEL_GAP = 16
_TIMES_MIDDLE = BOTTOM + 34
BLACK_KEYS = frozenset({1, 3, 6, 8, 10})


def draw_grid(canvas: Canvas, layout: Layout, say: Language) -> None:
    """The empty roll."""
    if layout.pitched:
        _draw_keys(canvas, layout.pitched)
    if layout.lane:
        rows = layout.lane.rows
        canvas.fill(LEFT, rows.top, RIGHT, rows.bottom, colours.PLOT)
        for kind in layout.lane.kinds:
            canvas.fill(LEFT, kind.top - 1, RIGHT, kind.top + 1, colours.GROUND)
            _draw_label(canvas, lettered(say, kind.name), (kind.top + kind.bottom) // 2)
    _draw_times(canvas, layout)


def _draw_keys(canvas: Canvas, pitched: Pitched) -> None:
    rows = pitched.rows
    canvas.fill(LEFT, rows.top, RIGHT, rows.bottom, colours.PLOT)
    edges = rows.edges.tolist()
    for row in range(rows.count):
        if (pitched.lowest + row) % 12 in BLACK_KEYS:
            canvas.fill(LEFT, edges[row + 1], RIGHT, edges[row], colours.BLACK_KEYS)
    every = octaves_a_label(rows, _SIZE)
    for row in range(rows.count):
        pitch = pitched.lowest + row
        if pitch % 12:
            continue
        canvas.fill(LEFT, edges[row] - 2, RIGHT, edges[row], colours.OCTAVE_LINE)
        if pitch // 12 % every == 0:
            _draw_label(canvas, f"C{pitch // 12 - 1}", (edges[row] + edges[row + 1]) // 2)


def octaves_a_label(rows: Rows, size: int) -> int:
    """Every octave is named, or every second or third where they are too low for letters of `size`."""
    octave_height = 12 * (rows.bottom - rows.top) / rows.count
    return next(every for every in range(1, 12) if every * octave_height >= size + 4)


def _draw_label(canvas: Canvas, text: str, middle: int) -> None:
    """A label at the left, ending before the roll."""
    x = LEFT - _LABEL_GAP - text_width(text, _SIZE)
    canvas.write(text, x, middle, size=_SIZE, colour=colours.FAINT_TEXT)


def _draw_times(canvas: Canvas, layout: Layout) -> None:
    reached = 0
    for seconds in layout.times():
        x, label = layout.column(seconds), clock_time(seconds)
        for rows in (part.rows for part in (layout.pitched, layout.lane) if part):
            canvas.fill(x, rows.top, x + 2, rows.bottom, colours.TIME_LINE)
        width = text_width(label, _SIZE)
        middle = min(max(x, LEFT + width // 2 - 8), RIGHT - width // 2 + 16)
        # The last one is moved into the picture, and may not fit beside the one before.
        if middle - width // 2 > reached:
            reached = canvas.write(
                label, middle - width // 2, _TIMES_MIDDLE, size=_SIZE, colour=colours.FAINT_TEXT
            )
