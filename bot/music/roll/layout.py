"""Where things are on the picture: pitches and drum pieces as rows, seconds as columns. All in pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.music.overlaps import Ints
from bot.music.roll.canvas import HEIGHT, WIDTH
from bot.music.song import Seconds, Song, Track

LEFT, RIGHT = 136, WIDTH - 32
BOTTOM = HEIGHT - 64
"""Times stand below."""

_LEAST_PITCHES = 24
"""Two octaves: fewer would make a single note as tall as a door."""
_PITCH_MARGIN = 2
_LEAST_SECONDS = 4.0

_LANE_GAP = 16
_PIECE_HEIGHT, _LEAST_LANE, _MOST_LANE = 26, 64, 208

_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_LEAST_STEP_WIDTH = 150
"""A time of an hour and more is 120 wide."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A stack of equal rows; row 0 is the lowest."""

    top: int
    bottom: int
    count: int

    def edges(self) -> Ints:
        """The upper edges of all rows from row 0 on, with the bottom before them: row i is edges[i + 1]..edges[i]."""
        return np.rint(np.linspace(self.bottom, self.top, self.count + 1)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pitched:
    """The rows of pitches, the lowest being `lowest`."""

    rows: Rows
    lowest: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The rows of drum pieces, and the MIDI pitch of each, ascending."""

    rows: Rows
    pieces: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a song's notes."""

    top: int
    pitched: Pitched | None
    lane: Lane | None
    seconds: float
    """What the width stands for."""

    def columns(self, seconds: Seconds) -> Ints:
        """The column of each time."""
        return np.rint(LEFT + seconds * ((RIGHT - LEFT) / self.seconds)).astype(np.int64)

    def column(self, seconds: float) -> int:
        """The column of one time."""
        return int(self.columns(np.array([seconds]))[0])

    def times(self) -> range:
        """The seconds that are marked below, as far apart as their labels need."""
        per_second = (RIGHT - LEFT) / self.seconds
        fitting = (step for step in _STEPS_SECONDS if step * per_second >= _LEAST_STEP_WIDTH)
        return range(0, int(self.seconds) + 1, next(fitting, _STEPS_SECONDS[-1]))


def lay_out(song: Song, top: int) -> Layout:
    """The layout of a song below the height `top`, fitted to its pitches, pieces and length."""
    melodic = [track for track in song.tracks if len(track) and not track.is_drums]
    drums = [track for track in song.tracks if len(track) and track.is_drums]
    lane = _lane(drums, top, is_alone=not melodic) if drums else None
    bottom = lane.rows.top - _LANE_GAP if lane else BOTTOM
    is_pitched = bool(melodic) or not drums  # a song without notes shows empty octaves
    return Layout(
        top=top,
        pitched=_pitched(melodic, top, bottom) if is_pitched else None,
        lane=lane,
        seconds=max(song.duration_seconds, _LEAST_SECONDS),
    )


def _lane(drums: list[Track], top: int, *, is_alone: bool) -> Lane:
    pieces = np.unique(np.concatenate([track.pitch for track in drums]))
    height = min(max(len(pieces) * _PIECE_HEIGHT, _LEAST_LANE), _MOST_LANE)
    return Lane(Rows(top if is_alone else BOTTOM - height, BOTTOM, len(pieces)), pieces)


def _pitched(melodic: list[Track], top: int, bottom: int) -> Pitched:
    lowest = min((int(track.pitch.min()) for track in melodic), default=54) - _PITCH_MARGIN
    highest = max((int(track.pitch.max()) for track in melodic), default=77) + _PITCH_MARGIN
    missing = max(_LEAST_PITCHES - (highest - lowest + 1), 0)
    lowest, highest = lowest - missing // 2, highest + missing - missing // 2
    # At the ends of MIDI's range the whole window moves in, and stays as tall.
    shift = max(-lowest, 0) - max(highest - 127, 0)
    lowest, highest = max(lowest + shift, 0), min(highest + shift, 127)
    return Pitched(Rows(top, bottom, highest - lowest + 1), lowest)
