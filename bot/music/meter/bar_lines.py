"""Heard or chosen beats -> the bars of a file whose second 0 is the song's, and whose bar 1 begins on the first downbeat."""

import math
from fractions import Fraction
from itertools import pairwise

from bot.music.columns import np
from bot.music.meter.tempo_curve import TempoCurve
from bot.music.timeline.bars import TICKS_PER_QUARTER, Bars, Origin, merged_changes
from bot.music.timeline.beat import beat_of, signature
from bot.music.timeline.key_signature import KeySignature

BEATS = {"2/4": 2, "3/4": 3, "4/4": 4, "6/8": 2}
"""In a bar."""

QUARTERS = {meter: beat_of([signature(meter)]) for meter in BEATS}
"""In a beat."""

_FINEST = {"2/4": 4, "3/4": 4, "4/4": 4, "6/8": 3}
"""Parts of a beat that a pickup may have: sixteenths, in 6/8 eighths."""

_NONE = 0.08
"""Of a beat: so little time before a beat is given to that beat, which is then written as much later and reads the same."""

_EARLY = 0.15
"""Of a beat: a note so little before a beat is played on it."""

_NO_TIME = 50e-6
"""Seconds a quarter where there is no time for what is written: over a bar 0.2 ms."""

_TOGETHER_SECONDS = 0.005
"""What nobody hears: bar 1 is that much off rather than that its first beat has a tempo of its own."""

_LONGEST_TICK = 521
"""Microseconds: no note moves by more than 0.3 ms, and two that the plain grid keeps apart (1042) stay so."""

_MOST_KNOTS = 1000
"""Before bar 1: a song of six hours at 1000 BPM would have 360 000."""

_NOTHING = 1e-6
"""Of a beat: what reckoning with floats may be off."""

_Knots = list[tuple[Fraction, float]]
"""Quarters from bar 1 on, and their seconds."""


def bars_of(
    curve: TempoCurve,
    *,
    first: int,
    meter: str,
    first_note: float,
    key: KeySignature | None = None,
    origin: Origin = Origin.HEARD,
) -> Bars:
    """The bars of beats on `curve`, of which `first` is the first downbeat; the first note begins at `first_note` seconds."""
    quarters = QUARTERS[meter]
    knots = _lead_in(curve, first, meter, first_note)
    lead, downbeat = -knots[0][0], _at(curve, first)
    played_from = lead
    if lead:
        knots.append((Fraction(0), downbeat))
    elif abs(downbeat) <= _TOGETHER_SECONDS:
        curve = TempoCurve(curve.places, curve.seconds - downbeat)
    else:
        # What this beat is longer or shorter is no tempo that anybody played.
        knots.append((quarters, _at(curve, first + 1)))
        played_from = quarters
    last = first + int(knots[-1][0] / quarters)
    ends = [int(place) for place in curve.places if place > last] or [last + 1]
    knots += [((place - first) * quarters, _at(curve, place)) for place in ends]
    division = TICKS_PER_QUARTER
    while (
        max(_tempos(knots, division), key=lambda one: one[1])[1] > division * _LONGEST_TICK
        and division < 8 * TICKS_PER_QUARTER
    ):
        division *= 2
    tempos = _tempos(knots, division)
    first_bar = int(lead * division)
    played = [tempo for tick, tempo in tempos if tick >= played_from * division] or [tempos[-1][1]]
    bpm = [60e6 / tempo / float(quarters) for tempo in played]
    return Bars(
        division,
        merged_changes(tempos),
        ((0, *signature(meter)),),
        first_bar,
        key,
        origin,
        (round(min(bpm), 2), round(max(bpm), 2)),
        began_seconds=knots[0][1],
    )


def _lead_in(curve: TempoCurve, first: int, meter: str, first_note: float) -> _Knots:
    """The knots up to bar 1: whole bars, a pickup at the end of the last one.

    A shorter bar would need a time signature of its own, and MuseScore takes the first one for the whole song where it
    believes that a file was played by a person. What a bar has beyond silence and pickup takes next to no time, and where
    there is not even that, it is before second 0: a pickup that begins there begins at its own place.
    """
    quarters, bar = QUARTERS[meter], BEATS[meter] * QUARTERS[meter]
    downbeat, beat_seconds = _at(curve, first), _at(curve, first + 1) - _at(curve, first)
    bar_seconds = beat_seconds * BEATS[meter]
    if downbeat <= _NONE * beat_seconds:
        return [(Fraction(0), 0.0)]
    if first_note > downbeat - _EARLY * beat_seconds:
        return [(-max(1, round(downbeat / bar_seconds)) * bar, 0.0)]
    earliest = _earliest(curve, first, first_note + _EARLY * beat_seconds)
    some = range(earliest, first, (first - earliest) // _MOST_KNOTS + 1)
    knots = [((place - first) * quarters, max(0.0, _at(curve, place))) for place in some]
    rest = _at(curve, earliest)
    if first_note < rest - _EARLY * beat_seconds:
        # There is no time for a whole beat before: the pickup begins within one.
        knots.insert(
            0, ((earliest - first) * quarters - _parts_in(rest, beat_seconds, meter) * quarters, 0.0)
        )
    place, silence = knots[0]
    missing = place % bar
    if not missing and silence > _NONE * beat_seconds:
        missing = bar
    missing += bar * max(0, round((silence - float(missing / bar) * bar_seconds) / bar_seconds))
    if not missing:
        return [(place, 0.0), *knots[1:]]
    return [(place - missing, silence - _filling(silence, float(missing))), *knots]


def _filling(silence: float, quarters: float) -> float:
    """The seconds that so many quarters of silence take."""
    if silence > _TOGETHER_SECONDS:
        return silence
    # In whole microseconds a quarter: at such a speed half of one is 5 ticks, and the pickup would be as much off.
    return quarters * max(_NO_TIME, math.ceil(silence / quarters * 1e6) / 1e6)


def _earliest(curve: TempoCurve, first: int, until: float) -> int:
    """The last beat up to `first` that is not after `until`, or else the first one that is not before second 0."""
    begun, sounding = (float(curve.places_of(np.array([seconds]))[0]) for seconds in (0.0, until))
    return min(first, max(math.ceil(begun - _NOTHING), math.floor(sounding + _NOTHING)))


def _at(curve: TempoCurve, place: int) -> float:
    return float(curve.at(np.array([place]))[0])


def _parts_in(seconds: float, beat_seconds: float, meter: str) -> Fraction:
    finest = _FINEST[meter]
    return Fraction(max(1, round(seconds / beat_seconds * finest)), finest)


def _tempos(knots: _Knots, division: int) -> list[tuple[int, int]]:
    """Ticks and tempos in whole microseconds, each reckoned from where the ones before it lead, so that nothing adds up."""
    found: list[tuple[int, int]] = []
    start = knots[0][0]
    reached = knots[0][1]
    for (here, _), (there, seconds) in pairwise(knots):
        tempo = min(max(round((seconds - reached) * 1e6 / float(there - here)), 1), 0xFFFFFF)
        found.append((int((here - start) * division), tempo))
        reached += tempo * float(there - here) / 1e6
    return found
