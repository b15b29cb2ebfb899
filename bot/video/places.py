"""Where things are in a frame, in pixels, and how fast the roll moves."""

import msgspec

from bot.language import ENGLISH, Language
from bot.music.roll.layout import Lane, Pitched, rows_of
from bot.music.roll.legend import Entry, LegendEntry, Measures, entries
from bot.music.song import Song

WIDTH, HEIGHT = 854, 480
"""Discord shows it 400 wide, also on phones: a letter of 24 pixels is left with 11."""

FRAMES_PER_SECOND = 30
STEP = 4
"""Pixels a frame. Whole, so that the encoder finds each frame in the one before; a quarter at 120 BPM is 60 wide."""
PIXELS_PER_SECOND = STEP * FRAMES_PER_SECOND

MARGIN = 16
LEFT, KEYS_WIDTH = 156, 42
"""Labels, then keys, then the roll up to the right edge."""
LINE = LEFT + 132
"""The line that notes move past: for a second they are seen after it."""

BEFORE_SECONDS = (LINE - LEFT) / PIXELS_PER_SECOND
AFTER_SECONDS = (WIDTH - LINE) / PIXELS_PER_SECOND

TITLE_SIZE, TITLE_HEIGHT = 34, 44
HEAD_MARGIN = 6
LABEL_SIZE = 24
CHORD_SIZE, CHORDS_HEIGHT = 28, 34
BAR_TOP, BAR_BOTTOM = HEIGHT - 5, HEIGHT
"""The bar that shows how much is over."""
_BOTTOM = BAR_TOP - 5
_KIND_HEIGHT, _LANE_GAP = 25, 8

LEGEND = Measures(
    width=WIDTH,
    size=26,
    swatch=20,
    swatch_gap=8,
    line_height=33,
    margin=MARGIN,
    entry_gap=22,
    fittings=((32, 1), (20, 1), (17, 1), (14, 1), (22, 2), (14, 2), (11, 3)),
)


class Places(msgspec.Struct, frozen=True):
    """The places in all frames of a video."""

    legend: tuple[Entry, ...]
    legend_top: int
    pitched: Pitched | None
    lane: Lane | None

    @property
    def top(self) -> int:
        """The upper edge of the roll."""
        return min(part.rows.top for part in (self.pitched, self.lane) if part)

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return _BOTTOM


def place(
    song: Song, shown: tuple[LegendEntry, ...], say: Language = ENGLISH, *, has_chords: bool = False
) -> Places:
    """The places for a song's notes below its title and legend, and the names of its chords."""
    placed = tuple(entries(list(shown), say, LEGEND))
    top = HEAD_MARGIN + TITLE_HEIGHT
    lines = 1 + max((entry.line for entry in placed), default=0)
    pitched, lane = rows_of(
        song,
        top + lines * LEGEND.line_height + (CHORDS_HEIGHT if has_chords else HEAD_MARGIN),
        _BOTTOM,
        kind_height=_KIND_HEIGHT,
        lane_gap=_LANE_GAP,
    )
    return Places(placed, top, pitched, lane)
