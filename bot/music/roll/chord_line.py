"""The chords of a song, above its notes."""

from bot.music.chords.hear import Chords
from bot.music.columns import np
from bot.music.roll import colours
from bot.music.roll.canvas import Canvas, text_width
from bot.music.roll.layout import RIGHT, Layout

HEIGHT = 44
_SIZE = 28
"""A third of it, 9 pixels, is left on a phone: small, and twice as many names have room as of the size of the rest."""
_GAP = 12
_TICK = 8


def draw_chords(canvas: Canvas, layout: Layout, chords: Chords) -> None:
    """Each name begins where its chord does; one that has no room is left out, as is one that repeats the name before it."""
    told = [one for one in chords.heard if one.chord]
    seconds = chords.bars.tempo_map.at(np.array([one.start_ticks for one in told], np.int64))
    middle, reached, before = layout.top - HEIGHT // 2 - 4, 0, ""
    for one, at in zip(told, seconds.tolist(), strict=True):
        name = one.chord.plain_name if one.chord else ""
        x = layout.column(at)
        if name == before or x < reached or x + text_width(name, _SIZE) > RIGHT:
            continue
        canvas.fill(x, layout.top - _TICK, x + 2, layout.top, colours.FAINT_TEXT)
        reached = canvas.write(name, x, middle, size=_SIZE, colour=colours.FAINT_TEXT) + _GAP
        before = name
