"""The beat that people count and are told tempos in: a quarter, or a dotted one where eighths go by threes."""

from collections.abc import Iterable
from fractions import Fraction

QUARTER, DOTTED_QUARTER = Fraction(1), Fraction(3, 2)


def is_compound(numerator: int, denominator: int) -> bool:
    """Whether a bar's beats are three eighths: 6/8, 9/8, 12/8."""
    return denominator == 8 and numerator % 3 == 0 and numerator > 3


def beat_of(meters: Iterable[tuple[int, int]]) -> Fraction:
    """The beat of a song in these time signatures, in quarters: where they are mixed, a plain one."""
    return DOTTED_QUARTER if all(is_compound(*meter) for meter in meters) else QUARTER


def signature(meter: str) -> tuple[int, int]:
    """Numerator and denominator of a time signature such as 6/8."""
    numerator, denominator = meter.split("/")
    return int(numerator), int(denominator)
