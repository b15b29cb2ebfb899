"""The unit of written time, and the bars in it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bot.music.columns import Seconds, np
from bot.music.song import Song
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.beat import is_compound
from bot.music.timeline.measures import measures
from bot.score.errors import SheetTooLongError

QUARTER = 12
"""Units: sixteenths are 3, triplets of a quarter 4."""

SIXTEENTH, EIGHTH, TRIPLET = 3, 6, 4

_FINEST, _MOST_BEATS = 16, 127
"""Of denominators and numerators: what is counted in thirty-seconds is written in 4/4, as is what Guitar Pro's files cannot hold."""


class Bar(NamedTuple):
    """A bar from unit to unit of the song. `number` below 1: it is before bar 1."""

    start: int
    end: int
    numerator: int
    denominator: int
    number: int

    @property
    def length(self) -> int:
        """In units."""
        return self.end - self.start

    @property
    def is_compound(self) -> bool:
        """Whether beats are three eighths: 6/8, 9/8, 12/8."""
        return is_compound(self.numerator, self.denominator)

    @property
    def beat(self) -> int:
        """In units."""
        if self.is_compound:
            return 3 * EIGHTH
        return max(4 * QUARTER // self.denominator, EIGHTH)


def pulse_of(bars: Sequence[Bar]) -> int:
    """The longest of quarter, eighth and sixteenth that all bars and beats are made of."""
    if not any(bar.is_compound or bar.start % QUARTER or bar.length % QUARTER for bar in bars):
        return QUARTER
    return SIXTEENTH if any(bar.start % EIGHTH or bar.length % EIGHTH for bar in bars) else EIGHTH


class Plan(msgspec.Struct, frozen=True):
    """The bars of a sheet, and the song's own that they come of."""

    bars: Bars
    written: tuple[Bar, ...]

    @property
    def is_in_quarters(self) -> bool:
        """Whether quarters are its beats throughout: in 6/8 and 7/8 they are not."""
        return pulse_of(self.written) == QUARTER

    def units(self, seconds: Seconds) -> Seconds:
        """Seconds in units and parts of them."""
        return np.asarray(self.bars.tempo_map.places_at(seconds) * (QUARTER / self.bars.division))

    def of_ticks(self, ticks: int) -> int:
        """The unit nearest to a tick of the song's bars."""
        return round(ticks * QUARTER / self.bars.division)


def plan_of(song: Song) -> Plan:
    """The bars from the first one with a note to the last one.

    Raises:
        SheetTooLongError: they are more than `measures` counts.
    """
    bars = song.bars or Bars.plain()
    last = _last(song, bars)
    found = _written(bars, last)
    if found is None:
        bars = replace(bars, meters=((0, 4, 4),), first_bar=0)
        found = _written(bars, last) or []
    if not found or found[-1].end * bars.division < last * QUARTER:
        raise SheetTooLongError
    first_seconds = min(
        (float(track.start_seconds.min()) for track in song.tracks if len(track)), default=0.0
    )
    plan = Plan(bars, tuple(found))
    # A note that is a little early is on the beat after it.
    begins = float(plan.units(np.array([first_seconds]))[0]) + SIXTEENTH / 2
    return replace(plan, written=tuple(_numbered(plan, begins)))


def _last(song: Song, bars: Bars) -> int:
    """The tick that the bars must reach: what rings a sixteenth into another bar needs none of its own."""
    tracks = [track for track in song.tracks if len(track)]
    start = max((float(track.start_seconds.max()) for track in tracks), default=0.0)
    ends = bars.tempo_map.ticks_at(np.array([start, song.duration_seconds]))
    return max(int(ends[0]), int(ends[1]) - bars.division * SIXTEENTH // QUARTER)


def _written(bars: Bars, last: int) -> list[Bar] | None:
    """All bars in units; None where one of them is no whole number of sixteenths."""
    found = []
    for one in measures(bars, last + 1):
        start, end = one.start * QUARTER / bars.division, one.end * QUARTER / bars.division
        bar = Bar(round(start), round(end), one.numerator, one.denominator, 0)
        full = 4 * QUARTER * one.numerator / one.denominator
        is_usual = one.denominator <= _FINEST and one.numerator <= _MOST_BEATS
        if not is_usual or bar.length != full or abs(bar.start - start) > 0.01:
            return None
        found.append(bar)
    return found


def _numbered(plan: Plan, begins: float) -> list[Bar]:
    """Without the silent bars before the first note; where that is before bar 1, with a shortened one as pickup.

    Bars are counted as in the song's chords by bars; where nobody knows them, from the first one that is written.
    """
    first_bar, first_number = plan.of_ticks(plan.bars.first_bar), plan.bars.first_number
    sounding = [bar for bar in plan.written if bar.end > begins] or [*plan.written[-1:]]
    lead = [bar for bar in sounding if bar.start < first_bar]
    rest = [bar for bar in sounding if bar.start >= first_bar]
    found = []
    if len(lead) == 1 and rest:
        (bar,) = lead
        beats = int((begins - bar.start) // bar.beat)
        start = bar.start + max(beats, 0) * bar.beat
        # Written by the time signature of what it leads to.
        whole = max(bar, rest[0], key=lambda one: one.length)
        found.append(Bar(start, bar.end, whole.numerator, whole.denominator, first_number - 1))
        lead = []
    silent = sum(first_bar <= bar.start and bar.end <= begins for bar in plan.written)
    if plan.bars.origin is Origin.NOBODY:
        silent = 0
    return found + [
        bar._replace(number=number)
        for number, bar in enumerate([*lead, *rest], first_number + silent - len(lead))
    ]
