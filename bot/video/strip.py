"""The notes of a song as bars on one endless strip, of which a frame sees a window."""

import msgspec

from bot.music.columns import Ints, NDArray, np
from bot.music.roll import colours as roll_colours
from bot.music.roll.cells import Cells, cells, paint
from bot.music.song import Track
from bot.video.colours import past
from bot.video.places import PIXELS_PER_SECOND, Places
from bot.video.shot import Shot

_LEAST_NOTE, _LEAST_HIT = 6, 10
_REST = 2
"""Pixels of ground between a note and the next on its pitch."""

_FAR = 1 << 40
"""Columns: the strip has no edge."""


class Strip(msgspec.Struct, frozen=True):
    """All bars by number; columns are counted from the song's start.

    Rows are the pitches and then the pieces of the kit; `first` is the number of each track's first bar.
    """

    bars: tuple[Cells, ...]
    """Of the tracks that have notes, the largest first, so that a melody lies on top."""
    first: Ints
    hue: Ints
    """Of each bar, and so on."""
    row: Ints
    left: Ints
    right: Ints
    waiting: Ints
    """The palette's entry before it sounds: by how loud it is."""
    past: Ints
    rows: int

    def numbers(self, left: int, width: int) -> "NDArray[np.int32]":
        """A window: which bar is seen where, counted from 1; 0 is none. The last row has none: it stands for what is no row."""
        lines = np.zeros((self.rows + 1, width), np.int32)
        for bars, first in zip(self.bars, self.first.tolist(), strict=True):
            near = np.flatnonzero((bars.right > left) & (bars.left < left + width))
            start = np.clip(bars.left[near] - left, 0, width)
            end = np.clip(bars.right[near] - left, 0, width)
            paint(lines, Cells(bars.order[near], bars.row[near], start, end), near + first + 1)
        return lines


def strip(shot: Shot, places: Places) -> Strip:
    """The strip of what is seen in a video."""
    pitches = places.pitched.rows.count if places.pitched else 0
    bars, hue, waiting = [], [], []
    shown = [pair for pair in zip(shot.song.tracks, shot.hues, strict=True) if len(pair[0])]
    for track, own_hue in sorted(shown, key=lambda each: -len(each[0])):
        made = _bars(track, places, pitches)
        bars.append(made)
        hue.append(np.full(len(track), own_hue))
        waiting.append(roll_colours.entries_of(own_hue, track.velocity[made.order]))
    sizes = [len(track.row) for track in bars]
    hues = np.concatenate(hue)
    return Strip(
        bars=tuple(bars),
        first=np.cumsum([0, *sizes[:-1]]),
        hue=hues,
        row=np.concatenate([each.row for each in bars]),
        left=np.concatenate([each.left for each in bars]),
        right=np.concatenate([each.right for each in bars]),
        waiting=np.concatenate(waiting),
        past=past(0) + hues,
        rows=pitches + (places.lane.rows.count if places.lane else 0),
    )


def _bars(track: Track, places: Places, pitches: int) -> Cells:
    left = np.rint(track.start_seconds * PIXELS_PER_SECOND).astype(np.int64)
    if track.is_drums and places.lane:
        row, end, least = pitches + places.lane.row_of[track.pitch], left + _LEAST_HIT, _LEAST_HIT
    else:
        lowest = places.pitched.lowest if places.pitched else 0
        row = track.pitch.astype(np.int64) - lowest
        end = np.rint(track.end_seconds * PIXELS_PER_SECOND).astype(np.int64) - _REST
        least = _LEAST_NOTE
    return cells(row, left, end, track.velocity, least_width=least, edge=_FAR)
