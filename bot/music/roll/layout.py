"""Where things are on the picture: pitches and drum pieces as rows, seconds as columns. All in pixels."""

import msgspec

from bot.music.columns import Ints, Seconds, np
from bot.music.roll.canvas import HEIGHT, WIDTH
from bot.music.roll.kit import by_kind
from bot.music.song import Song, Track

LEFT, RIGHT = 176, WIDTH - 32
BOTTOM = HEIGHT - 64
"""Times stand below."""

_LEAST_PITCHES = 24
"""Two octaves: fewer would make a single note as tall as a door."""
_PITCH_MARGIN = 2
_LEAST_SECONDS = 4.0

_LANE_GAP = 16
_KIND_HEIGHT = 46
"""A line of letters, so that each kind of drum can be named."""

_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LEAST_STEP_WIDTH = 168
"""A time of an hour and more is 140 wide."""


class Rows(msgspec.Struct, frozen=True):
    """A stack of rows; row 0 is the lowest.

    `edges` are the upper edges of all rows from row 0 on, with the bottom before them: row i is edges[i + 1]..edges[i].
    """

    edges: Ints

    @classmethod
    def even(cls, top: int, bottom: int, count: int) -> "Rows":
        """Rows of one height."""
        return cls(np.rint(np.linspace(bottom, top, count + 1)).astype(np.int64))

    @property
    def top(self) -> int:
        """The upper edge of all."""
        return int(self.edges[-1])

    @property
    def bottom(self) -> int:
        """The lower edge of all."""
        return int(self.edges[0])

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.edges) - 1


class Pitched(msgspec.Struct, frozen=True):
    """The rows of pitches, the lowest being `lowest`."""

    rows: Rows
    lowest: int


class Kind(msgspec.Struct, frozen=True):
    """A part of the lane: drums of one kind, each of which has a row in it."""

    name: str
    top: int
    bottom: int


class Lane(msgspec.Struct, frozen=True):
    """The rows of drums, which of them a MIDI pitch has, and the kinds from the lowest up."""

    rows: Rows
    row_of: Ints
    kinds: tuple[Kind, ...]


class Layout(msgspec.Struct, frozen=True):
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
    pitched, lane = rows_of(song, top, BOTTOM, kind_height=_KIND_HEIGHT, lane_gap=_LANE_GAP)
    return Layout(top=top, pitched=pitched, lane=lane, seconds=max(song.duration_seconds, _LEAST_SECONDS))


def rows_of(
    song: Song, top: int, bottom: int, *, kind_height: int, lane_gap: int
) -> tuple[Pitched | None, Lane | None]:
    """The rows of a song's pitches and drums between two heights. `kind_height` is that of a kind of drum, below pitches."""
    melodic = [track for track in song.tracks if len(track) and not track.is_drums]
    drums = [track for track in song.tracks if len(track) and track.is_drums]
    lane = _lane(drums, top, bottom, kind_height if melodic else None) if drums else None
    is_pitched = bool(melodic) or not drums  # a song without notes shows empty octaves
    lowest = lane.rows.top - lane_gap if lane else bottom
    return _pitched(melodic, top, lowest) if is_pitched else None, lane


def _lane(drums: list[Track], top: int, bottom: int, kind_height: int | None) -> Lane:
    """`kind_height` None: drums alone have all the room."""
    pieces = np.unique(np.concatenate([track.pitch for track in drums]))
    grouped = by_kind(pieces.tolist())
    lane_top = top if kind_height is None else bottom - len(grouped) * kind_height
    bounds = Rows.even(lane_top, bottom, len(grouped)).edges.tolist()
    edges, kinds = [np.array([bottom])], []
    row_of = np.zeros(128, np.int64)
    for (name, members), kind_bottom, kind_top in zip(grouped, bounds, bounds[1:], strict=False):
        row_of[members] = np.arange(len(members)) + sum(map(len, edges)) - 1
        edges.append(Rows.even(kind_top, kind_bottom, len(members)).edges[1:])
        kinds.append(Kind(name, kind_top, kind_bottom))
    return Lane(Rows(np.concatenate(edges)), row_of, tuple(kinds))


def _pitched(melodic: list[Track], top: int, bottom: int) -> Pitched:
    lowest = min((int(track.pitch.min()) for track in melodic), default=54) - _PITCH_MARGIN
    highest = max((int(track.pitch.max()) for track in melodic), default=77) + _PITCH_MARGIN
    missing = max(_LEAST_PITCHES - (highest - lowest + 1), 0)
    lowest, highest = lowest - missing // 2, highest + missing - missing // 2
    # At the ends of MIDI's range the whole window moves in, and stays as tall.
    shift = max(-lowest, 0) - max(highest - 127, 0)
    lowest, highest = max(lowest + shift, 0), min(highest + shift, 127)
    return Pitched(Rows.even(top, bottom, highest - lowest + 1), lowest)
