"""How long songs take by their length: a straight line through what was seen, which single odd songs do not bend."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

import msgspec

_FEWEST = 3
"""Fewer lengths make no line."""

_APART = 0.1
"""Lengths that differ by less say nothing of how time grows with them."""

_LEAST_SECONDS = 1.0


class Usual(msgspec.Struct, frozen=True):
    """`seconds` for a song of unknown length; else `start_seconds`, and `per_second` of its sound. None: lengths tell nothing."""

    seconds: float
    start_seconds: float = 0.0
    per_second: float | None = None

    def of(self, sound_seconds: float | None) -> float:
        """The seconds that a song usually takes."""
        if sound_seconds is None or self.per_second is None:
            return self.seconds
        return max(self.start_seconds + self.per_second * sound_seconds, _LEAST_SECONDS)


def usual_of(seen: Sequence[tuple[float | None, float]]) -> Usual:
    """From songs that are done: the seconds of their sound, where known, and those that they took."""
    usual = median(took for _, took in seen)
    known = [(length, took) for length, took in seen if length]
    if len(known) < _FEWEST:
        return Usual(usual)
    # Theil and Sen: the median of the slopes between each two.
    slopes = [
        (took - other_took) / (length - other)
        for (length, took), (other, other_took) in combinations(known, 2)
        if abs(length - other) > _APART * max(length, other)
    ]
    per_second = max(median(slopes), 0.0) if slopes else median(took / length for length, took in known)
    return Usual(usual, median(took - per_second * length for length, took in known), per_second)
