"""Where each bar of a song begins and how it is counted."""

from fractions import Fraction
from typing import NamedTuple

from bot.music.timeline.bars import Bars

_MOST = 20_000
"""Half an hour of 2/4 at 300 BPM is 4500."""


class Measure(NamedTuple):
    """One bar, from tick to tick; the last tick is the next bar's first."""

    start: int
    end: int
    numerator: int
    denominator: int


def measures(bars: Bars, until: int) -> list[Measure]:
    """The bars from tick 0 until one of them reaches `until`, at least one."""
    changes = [*bars.meters] if bars.meters and bars.meters[0][0] == 0 else [(0, 4, 4), *bars.meters]
    found: list[Measure] = []
    for (start, numerator, denominator), end in zip(
        changes, [*(tick for tick, *_ in changes[1:]), max(until, 1)], strict=True
    ):
        length = Fraction(4 * bars.division * numerator, denominator)
        place = Fraction(start)
        is_last = start == changes[-1][0]
        while place < end and len(found) < _MOST:
            reached = place + length if is_last else min(place + length, Fraction(end))
            found.append(Measure(round(place), round(reached), numerator, denominator))
            place = reached
    return found
