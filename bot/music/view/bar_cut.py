"""The bars of an excerpt: the same bar lines and tempos, from a bar line on."""

from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from bot.music.columns import np
from bot.music.meter.bar_lines import QUARTERS
from bot.music.timeline.bars import Bars, merged_changes
from bot.music.timeline.measures import measures

_ON_THE_LINE = Fraction(8, 100)
"""Of a beat: an excerpt that begins so near to a bar line begins on it, and its first beat is as much shorter or longer."""

_LONGEST_LEAD_SECONDS = 6.0
"""Silence before an excerpt that begins inside of a bar: all of a bar of four beats at 40 BPM. A file can have bars of minutes."""

_QUICKEST = 50
"""Microseconds a quarter, where the song itself has no time before."""

_SLOWEST = 0xFFFFFF
"""Microseconds a quarter; a file holds no more."""

_Changes = list[tuple[int, int]]


class BarCut(NamedTuple):
    """`bars` of an excerpt that begins at `begin_seconds` of the song, at a tick where it can, and whose own 0 is `zero_seconds`."""

    bars: Bars
    begin_seconds: float
    zero_seconds: float


class _Bar(NamedTuple):
    """The bar around a place, in ticks from the song's start, and its time signature."""

    line: int
    next_line: int
    numerator: int
    denominator: int


def cut(bars: Bars, begin_seconds: float, end_seconds: float) -> BarCut:
    """The bars from one second of the song to another.

    An excerpt that begins inside a bar has all of that bar, as a song with a pickup has: what is before it is silent, at the
    same tempo, and bar 1 is the next one.
    """
    found = bars.tempo_map
    place = float(found.places_at(np.array([begin_seconds]))[0])
    bar = _bar_around(bars, place)
    beat = bars.division * QUARTERS.get(f"{bar.numerator}/{bar.denominator}", Fraction(4, bar.denominator))
    if bar.next_line - place < _ON_THE_LINE * beat:
        bar = _bar_around(bars, bar.next_line)
    inside = max(1, round(place) - bar.line) if place - bar.line >= _ON_THE_LINE * beat else 0
    origin, begin, lead = bar.line, begin_seconds, 0.0
    if inside:
        resumed, quarters = origin + inside, inside / bars.division
        begin = _at(bars, resumed)
        room = int(min(begin, _LONGEST_LEAD_SECONDS) / quarters * 1e6)
        tempos = [(0, max(min(_holding(bars, resumed), room), _QUICKEST))]
        lead = quarters * tempos[0][1] / 1e6
    elif round(place) == origin:
        resumed, tempos = origin, []
        begin = _at(bars, resumed)
    else:
        resumed = origin + max(1, round(beat))
        quarters = (resumed - origin) / bars.division
        tempos = [(0, min(max(round((_at(bars, resumed) - begin) / quarters * 1e6), 1), _SLOWEST))]
    end = int(np.ceil(found.places_at(np.array([end_seconds]))[0]))
    tempos.append((resumed - origin, _holding(bars, resumed)))
    tempos += [(tick - origin, tempo) for tick, tempo in bars.tempos if resumed < tick < end]
    later = [(tick - origin, *meter) for tick, *meter in bars.meters if origin < tick < end]
    meters = ((0, bar.numerator, bar.denominator), *((tick, over, under) for tick, over, under in later))
    first_bar = max(bars.first_bar - origin, bar.next_line - origin if inside else 0)
    kept = Bars(bars.division, merged_changes(tempos), meters, first_bar, bars.key, bars.origin)
    # A part of a song in several time signatures may be counted in other beats than all of it.
    longer = float(bars.beat / kept.beat)
    slowest, fastest = (round(bpm * longer, 2) for bpm in bars.bpm)
    kept = replace(kept, bpm=(slowest, fastest), first_number=_number_at(bars, origin + first_bar))
    return BarCut(_with_pace(kept, max(first_bar, resumed - origin)), begin, begin - lead)


def _with_pace(bars: Bars, played_from: int) -> Bars:
    """The bars with their own slowest and fastest tempo from a tick on, where those of the song were several."""
    slowest, fastest = bars.bpm
    if slowest == fastest:
        return bars
    before = [change for change in bars.tempos if change[0] <= played_from][-1]
    played = [before[1], *(tempo for tick, tempo in bars.tempos if tick > played_from)]
    quarters = float(bars.beat)
    bpm = [round(60e6 / tempo / quarters, 2) for tempo in played]
    # What the song's own first beat is longer or shorter is no tempo that anybody played.
    bpm = [one for one in bpm if slowest <= one <= fastest] or [min(max(bpm[0], slowest), fastest)]
    return replace(bars, bpm=(min(bpm), max(bpm)))


def _bar_around(bars: Bars, place: float) -> _Bar:
    before = [meter for meter in bars.meters if meter[0] <= place] or [(0, 4, 4)]
    tick, numerator, denominator = before[-1]
    length = Fraction(4 * bars.division * numerator, denominator)
    count = int((Fraction(place) - tick) / length)
    changes = [meter[0] for meter in bars.meters if meter[0] > place]
    next_line = min([round(tick + (count + 1) * length), *changes])
    return _Bar(round(tick + count * length), next_line, numerator, denominator)


def _number_at(bars: Bars, tick: int) -> int:
    """The number of the bar that begins there."""
    return bars.first_number + sum(bars.first_bar <= bar.start < tick for bar in measures(bars, tick))


def _at(bars: Bars, tick: int) -> float:
    return float(bars.tempo_map.at(np.int64(tick)))


def _holding(bars: Bars, tick: int) -> int:
    return [tempo for at, tempo in bars.tempos if at <= tick][-1]
