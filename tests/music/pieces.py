"""Made-up piano pieces whose written form is known, as hands play them: late, early, and shorter than written."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.random import Generator

from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.key_signature import key_signature

KINDS = ("4/4", "3/4", "6/8", "swing", "triplets")

_Q = Fraction
_FIGURES = {
    "4/4": (((_Q(1),) * 2), ((_Q(1, 2),) * 4), (_Q(3, 2), _Q(1, 2)), (_Q(2),), (_Q(1), _Q(1, 2), _Q(1, 2)), (_Q(1, 2), _Q(1), _Q(1, 2)),
            (_Q(1, 4), _Q(1, 4), _Q(1, 2), _Q(1)), (_Q(3, 4), _Q(1, 4), _Q(1))),
    "3/4": ((_Q(3),), (_Q(2), _Q(1)), (_Q(1), _Q(1), _Q(1)), (_Q(3, 2), _Q(1, 2), _Q(1)), (_Q(1), *(_Q(1, 2),) * 4)),
    "6/8": ((_Q(3, 2),), (_Q(1), _Q(1, 2)), ((_Q(1, 2),) * 3), (_Q(1, 2), _Q(1, 4), _Q(1, 4), _Q(1, 2))),
    "swing": ((_Q(1), _Q(1)), ((_Q(1, 2),) * 4), (_Q(1), _Q(1, 2), _Q(1, 2)), (_Q(3, 2), _Q(1, 2))),
    "triplets": (((_Q(1),) * 2), ((_Q(1, 2),) * 4), (_Q(1), *(_Q(1, 3),) * 3), (*(_Q(1, 3),) * 3, _Q(1)), (_Q(2),)),
}  # fmt: skip
"""Lengths of right-hand notes in quarters, of half a bar of 4/4, a bar of 3/4, half one of 6/8."""

_LENGTHS = {"3/4": 3, "6/8": 3}
_METERS = {"3/4": (3, 4), "6/8": (6, 8)}
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_LOOPS = ((0, 3, 4, 0), (0, 5, 3, 4), (5, 3, 0, 4))


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """Start and length in quarters."""

    start: Fraction
    length: Fraction
    pitch: int


@dataclass(frozen=True, slots=True)
class Piece:
    """How it is written, and a song with its own bars of how it was played."""

    notes: tuple[WrittenNote, ...]
    song: Song
    kind: str
    bars: int


def piece(rng: Generator, kind: str, *, bars: int = 16) -> Piece:
    """One piece."""
    tonic, is_minor = int(rng.integers(12)), bool(rng.random() < 0.4)
    scale = _MINOR if is_minor else _MAJOR
    loop, length = _LOOPS[rng.integers(len(_LOOPS))], Fraction(_LENGTHS.get(kind, 4))
    notes: list[WrittenNote] = []
    at = int(rng.integers(4, 10))
    for bar in range(bars):
        begins, root = bar * length, loop[bar % len(loop)]
        place = Fraction(0)
        while place < length:
            for figure in _FIGURES[kind][rng.integers(len(_FIGURES[kind]))]:
                at = min(max(at + int(rng.integers(-2, 3)), 2), 12)
                octave, step = divmod(at, 7)
                notes.append(WrittenNote(begins + place, figure, 60 + tonic % 7 + scale[step] + 12 * octave))
                place += figure
        notes += _left(
            rng.random(),
            kind,
            begins,
            length,
            [36 + tonic % 7 + scale[(root + third) % 7] for third in (0, 2, 4)],
        )
    return Piece(tuple(notes), _played(rng, notes, kind, tonic % 7, is_minor=is_minor), kind, bars)


def _left(way: float, kind: str, begins: Fraction, length: Fraction, chord: list[int]) -> list[WrittenNote]:
    low = sorted(chord)
    if way < 0.35:
        return [WrittenNote(begins, length, pitch) for pitch in low]
    step = Fraction(3, 2) if kind == "6/8" else Fraction(1)
    places = [begins + number * step for number in range(int(length / step))]
    if way < 0.7:
        return [WrittenNote(place, step, low[number % 3]) for number, place in enumerate(places)]
    first, *rest = places
    # Of every other one the bass is held below the chords.
    held = length if way > 0.85 else step
    chords = [WrittenNote(place, step, pitch) for place in rest for pitch in low[1:]]
    return [WrittenNote(first, held, low[0]), *chords]


def _played(rng: Generator, notes: list[WrittenNote], kind: str, tonic: int, *, is_minor: bool) -> Song:
    bpm = float(round(rng.uniform(70, 140)))
    beat = 60 / bpm
    held = rng.uniform(0.6, 0.97)
    found = []
    for one in notes:
        start, end = _swung(one.start, kind), _swung(one.start + one.length, kind)
        begins = max(0.0, float(start) * beat + float(rng.normal(0, 0.012)))
        stops = begins + float(end - start) * beat * float(np.clip(held + rng.normal(0, 0.08), 0.3, 1.05))
        found.append(Note(one.pitch, begins, stops, int(rng.integers(60, 100))))
    track = Track.of(sorted(found, key=lambda note: note.start_seconds), name="Piano")
    meter, key = ((0, *_METERS.get(kind, (4, 4))),), key_signature(tonic, is_minor=is_minor)
    bars = Bars(480, Bars.plain(bpm).tempos, meter, 0, key, Origin.HEARD, (bpm, bpm))
    return Song(normalise([track], Report()).tracks, bars=bars)


def _swung(place: Fraction, kind: str) -> Fraction:
    beat, within = divmod(place, 1)
    return beat + Fraction(2, 3) if kind == "swing" and within == Fraction(1, 2) else place
