"""How right notes and strokes are: the F1 that the field uses (onset within 50 ms; end within 50 ms or a fifth of the length)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

NEAR_SECONDS: Final = 0.05
END_PART: Final = 0.2

KICKS: Final = frozenset({35, 36})
SNARES: Final = frozenset({37, 38, 39, 40})
HATS: Final = frozenset({42, 44, 46, 49, 51, 52, 53, 55, 57, 59})
"""Hats and cymbals: the reference that others measured counts them as one."""

Span = tuple[float, float, int]


def notes_f1(truth: Iterable[Span], found: Iterable[Span], *, ends: bool) -> float:
    """F1 of (start, end, pitch). What is doubled in unison counts once."""
    wanted, heard = _by_pitch(truth, merged=True), _by_pitch(found, merged=False)
    hits = sum(_matched(spans, heard.get(pitch, []), ends=ends) for pitch, spans in wanted.items())
    total = sum(map(len, wanted.values())) + sum(map(len, heard.values()))
    return 2 * hits / total if total else 1.0


@dataclass(slots=True)
class Struck:
    """Strokes of one kind: how many there are, were heard, and were heard right; of one piece, or of several added up."""

    wanted: int = 0
    heard: int = 0
    right: int = 0

    def __add__(self, other: "Struck") -> "Struck":
        return Struck(self.wanted + other.wanted, self.heard + other.heard, self.right + other.right)

    @property
    def f1(self) -> float:
        """1 where nothing was wanted nor heard."""
        every = self.wanted + self.heard
        return 2 * self.right / every if every else 1.0


def struck(truth: Iterable[Span], found: Iterable[Span], pieces: frozenset[int]) -> Struck:
    """The strokes on `pieces`."""
    wanted, heard = _strokes(truth, pieces), _strokes(found, pieces)
    return Struck(len(wanted), len(heard), _matched(wanted, heard, ends=False))


def _strokes(spans: Iterable[Span], pieces: frozenset[int]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for start, _, pitch in sorted(spans):
        if pitch in pieces and not (kept and start - kept[-1][0] < 0.035):
            kept.append((start, start))
    return kept


def _by_pitch(spans: Iterable[Span], *, merged: bool) -> dict[int, list[tuple[float, float]]]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for start, end, pitch in sorted(spans):
        line = found[pitch]
        if merged and line and start - line[-1][0] < NEAR_SECONDS:
            line[-1] = (line[-1][0], max(line[-1][1], end))
        else:
            line.append((start, end))
    return found


def _matched(
    wanted: Sequence[tuple[float, float]], heard: Sequence[tuple[float, float]], *, ends: bool
) -> int:
    """The size of the largest matching."""
    fits = [[place for place, span in enumerate(heard) if _fits(one, span, ends=ends)] for one in wanted]
    taken: dict[int, int] = {}

    def place_for(number: int, tried: set[int]) -> bool:
        for place in fits[number]:
            if place in tried:
                continue
            tried.add(place)
            if place not in taken or place_for(taken[place], tried):
                taken[place] = number
                return True
        return False

    return sum(place_for(number, set()) for number in range(len(wanted)))


def _fits(wanted: tuple[float, float], heard: tuple[float, float], *, ends: bool) -> bool:
    if abs(wanted[0] - heard[0]) > NEAR_SECONDS:
        return False
    return not ends or abs(wanted[1] - heard[1]) <= max(NEAR_SECONDS, END_PART * (wanted[1] - wanted[0]))
