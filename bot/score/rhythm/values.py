"""A length within a bar -> note values, tied only where one value would hide a beat that a reader counts by."""

from typing import NamedTuple

from bot.score.rhythm.units import EIGHTH, QUARTER, SIXTEENTH, Bar


class Value(NamedTuple):
    """A note's or rest's written length: its units, its kind by MusicXML's name, dots, and whether it is of a triplet."""

    units: int
    kind: str
    dots: int = 0
    in_triplet: bool = False


_VALUES = (
    Value(72, "whole", 1), Value(48, "whole"), Value(36, "half", 1), Value(24, "half"), Value(18, "quarter", 1),
    Value(12, "quarter"), Value(9, "eighth", 1), Value(6, "eighth"), Value(3, "16th"),
)  # fmt: skip
_TRIPLETS = {8: Value(8, "quarter", 0, in_triplet=True), 4: Value(4, "eighth", 0, in_triplet=True)}
_HALF = 2 * QUARTER


def note_values(start: int, end: int, bar: Bar, thirds: frozenset[int]) -> list[Value]:
    """The values of a note from `start` to `end`, both within `bar`; `thirds` are units at which a triplet's quarter begins."""
    return _values(start, end, bar, thirds, is_rest=False)


def rest_values(start: int, end: int, bar: Bar, thirds: frozenset[int]) -> list[Value]:
    """The values of a rest, each on a place that shows the beat."""
    return _values(start, end, bar, thirds, is_rest=True)


def _values(start: int, end: int, bar: Bar, thirds: frozenset[int], *, is_rest: bool) -> list[Value]:
    found = []
    while start < end:
        value = _first(start, end, bar, thirds, is_rest=is_rest)
        found.append(value)
        start += value.units
    return found


def _first(start: int, end: int, bar: Bar, thirds: frozenset[int], *, is_rest: bool) -> Value:
    beat = start - start % QUARTER
    if beat in thirds and not (start == beat and end >= beat + QUARTER):
        return _TRIPLETS[min(end, beat + QUARTER) - start]
    place = start - bar.start
    # A shortened bar is counted from its end.
    place += (-bar.length) % (bar.numerator * 4 * QUARTER // bar.denominator)
    for value in _VALUES:
        reached = start + value.units
        # In a beat of triplets nothing straight ends.
        is_among_thirds = reached % QUARTER and reached - reached % QUARTER in thirds
        if reached <= end and not is_among_thirds and _is_readable(place, value.units, bar, is_rest=is_rest):
            return value
    return Value(SIXTEENTH, "16th")


def _is_readable(place: int, units: int, bar: Bar, *, is_rest: bool) -> bool:
    if bar.is_compound:
        return _in_threes(place, units, bar.beat, is_rest=is_rest)
    is_four = bar.numerator * 4 * QUARTER // bar.denominator == 2 * _HALF
    if is_rest:
        return units in {48, 24, 12, 6, 3} and place % units == 0
    within = place % QUARTER
    if within == 0:
        allowed = {
            72: place == 0,
            48: place == 0,
            36: place in {0, QUARTER} or not is_four,
            24: True,
            18: not is_four or place % _HALF == 0,
        }
        return allowed.get(units, True)
    if within == EIGHTH:
        crosses_middle = is_four and place < _HALF < place + units
        return (
            units in {18, 12, 6, 3} and not crosses_middle and (units != 18 or (place + units) % _HALF == 0)
        )
    return units <= QUARTER - within


def _in_threes(place: int, units: int, beat: int, *, is_rest: bool) -> bool:
    within = place % beat
    if within == 0:
        return (
            (units in {72, 36} and place % units == 0)
            or units in {18, 12, 6, 3}
            or (units == 9 and not is_rest)
        )
    return (
        units in {12, 9, 6, 3}
        and units <= beat - within
        and (units != 9 or within == 9)
        and not (is_rest and units == 12)
    )


def thirds_of(triplets: frozenset[int]) -> frozenset[int]:
    """The units at which beats of triplets begin."""
    return frozenset(beat * QUARTER for beat in triplets)
