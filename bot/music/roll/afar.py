"""A long song from afar: not its notes, each of which would be less than a pixel, but how much each pitch sounds over time."""

from bot.music.columns import Ints, NDArray, Seconds, np
from bot.music.roll import colours
from bot.music.roll.canvas import WIDTH
from bot.music.roll.layout import LEFT, RIGHT, Layout
from bot.music.song import Track

FROM_SECONDS = 480.0
"""From eight minutes on: a quarter note at 120 BPM is a pixel wide there."""

_BIN = 4
"""Pixels: a quarter of the size, as Discord shows it, leaves one."""

_LEAST_BINS = 0.25
"""What the shortest note and every stroke count."""


def lines(track: Track, row: Ints, hue: int, layout: Layout, rows: int) -> "NDArray[np.uint8]":
    """One line of pixels a row; the brighter, the more of the time it sounds, and the louder."""
    bins = (RIGHT - LEFT) // _BIN
    start = track.start_seconds * (bins / layout.seconds)
    length = (track.end_seconds - track.start_seconds) * (bins / layout.seconds)
    end = start + (_LEAST_BINS if track.is_drums else np.maximum(length, _LEAST_BINS))
    loudness = track.velocity / 127
    change = np.zeros((rows, bins + 2))
    _add(change, row, start, loudness)
    _add(change, row, end, -loudness)
    sounding = np.maximum(np.cumsum(change, axis=1)[:, :bins], 0)
    # The root keeps single notes in sight beside what always sounds.
    level = np.ceil(np.sqrt(sounding / sounding.max()) * colours.LEVELS - 1e-6)
    entries = np.where(level > 0, colours.note_colour(hue) - colours.LEVELS + level, 0).astype(np.uint8)
    found = np.zeros((rows, WIDTH), np.uint8)
    found[:, LEFT : LEFT + bins * _BIN] = np.repeat(entries, _BIN, axis=1)
    return found


def _add(change: "NDArray[np.float64]", row: Ints, at: Seconds, amount: "NDArray[np.float64]") -> None:
    """From `at` on, in bins, `amount` sounds more: its own bin has the rest of itself of it."""
    at = np.minimum(at, change.shape[1] - 2)
    whole = at.astype(np.int64)
    np.add.at(change, (row, whole), amount * (whole + 1 - at))
    np.add.at(change, (row, whole + 1), amount * (at - whole))
