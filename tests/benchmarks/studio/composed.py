"""Pieces made from seeds, of the kinds that people try first."""

import random
from collections.abc import Callable
from typing import Final

from tests.benchmarks.studio.pieces import DRUMS, SECONDS, Piece, Played

SCALE: Final = (0, 2, 4, 5, 7, 9, 11)
PROGRESSIONS: Final = ((0, 4, 5, 3), (0, 3, 1, 4), (5, 3, 0, 4), (0, 5, 1, 4))
KICK, SNARE, HAT = 36, 38, 42

Composer = Callable[["Hand"], None]


class Hand:
    """Writes one piece: places are in beats."""

    def __init__(self, name: str, seed: int, *, slowest: int, fastest: int) -> None:
        self.name = name
        self.chance = random.Random(f"{name} {seed}")  # noqa: S311 - a fixed seed is the point
        self.beat_seconds = 60 / self.chance.uniform(slowest, fastest)
        self.root = self.chance.randrange(48, 60)
        self.degrees = self.chance.choice(PROGRESSIONS)
        self.beats = int(SECONDS / self.beat_seconds) - 1
        self.notes: list[Played] = []

    def pitch(self, degree: int) -> int:
        octave, step = divmod(degree, 7)
        return self.root + 12 * octave + SCALE[step]

    def chord(self, bar: int, size: int = 3) -> list[int]:
        degree = self.degrees[bar % 4]
        return [self.pitch(degree + 2 * third) for third in range(size)]

    def play(
        self,
        beat: float,
        length: float,
        pitch: int,
        *,
        velocity: int,
        program: int = 0,
        channel: int = 0,
        late: float = 0.0,
    ) -> None:
        start = max(0.0, beat * self.beat_seconds + late + self.chance.gauss(0, 0.005))
        end = max(start + 0.06, (beat + length) * self.beat_seconds)
        loud = min(120, max(25, round(self.chance.gauss(velocity, 5))))
        self.notes.append(Played(start, end, pitch, loud, channel, program))

    def melody(self, program: int, *, channel: int = 0, swing: bool = False, velocity: int = 72) -> None:
        """A line above the chords, in steps and small leaps."""
        degree, beat = 9, 0.0
        while beat < self.beats:
            length = self.chance.choice((0.5, 0.5, 1.0, 1.0, 2.0))
            degree = min(max(degree + self.chance.choice((-2, -1, -1, 1, 1, 2)), 6), 16)
            shift = 0.17 if swing and beat % 1 else 0.0
            if self.chance.random() < 0.85:
                self.play(
                    beat + shift,
                    length * 0.92 - shift,
                    self.pitch(degree),
                    velocity=velocity,
                    program=program,
                    channel=channel,
                )
            beat += length


def strummed_guitar(hand: Hand) -> None:
    for bar in range(hand.beats // 4):
        low = [pitch - 12 for pitch in hand.chord(bar)]
        strings = [low[0], low[2], *(pitch + 12 for pitch in low), low[0] + 24]
        for beat, length in ((0.0, 1.0), (1.0, 0.5), (1.5, 1.0), (2.5, 0.5), (3.0, 1.0)):
            down = beat % 1 == 0
            order = strings if down else strings[:1:-1]
            for place, pitch in enumerate(order):
                hand.play(
                    bar * 4 + beat,
                    length,
                    max(pitch, 40),
                    velocity=85 if down else 68,
                    program=25,
                    late=0.014 * place,
                )


def waltz(hand: Hand) -> None:
    for bar in range(hand.beats // 3):
        chord = hand.chord(bar // 2)
        hand.play(bar * 3, 0.95, chord[0] - 12, velocity=95)
        for beat in (1, 2):
            for pitch in chord:
                hand.play(bar * 3 + beat, 0.6, pitch, velocity=60)
    hand.melody(0)


def swing_piano(hand: Hand) -> None:
    for bar in range(hand.beats // 4):
        chord = hand.chord(bar, 4)
        for beat in range(4):
            hand.play(
                bar * 4 + beat, 0.9, (chord[0] if beat == 0 else hand.chance.choice(chord)) - 24, velocity=96
            )
        for late in (1.67, 3.0):
            for pitch in chord[1:]:
                hand.play(bar * 4 + late, 0.4, pitch, velocity=68)
    hand.melody(0, swing=True)


def flute(hand: Hand) -> None:
    hand.melody(73, velocity=85)


def strings(hand: Hand) -> None:
    for bar in range(hand.beats // 4):
        for pitch in hand.chord(bar):
            hand.play(bar * 4, 3.9, pitch, velocity=75, program=48)
    hand.melody(48, velocity=88)


def band(hand: Hand) -> None:
    """Drums, bass, guitar and a melody."""
    for bar in range(hand.beats // 4):
        chord = hand.chord(bar)
        for eighth in range(8):
            beat = bar * 4 + eighth / 2
            hand.play(beat, 0.2, HAT, velocity=70, channel=DRUMS)
            if eighth in {0, 4} or hand.chance.random() < 0.12:
                hand.play(beat, 0.2, KICK, velocity=100, channel=DRUMS)
            if eighth in {2, 6}:
                hand.play(beat, 0.2, SNARE, velocity=100, channel=DRUMS)
            hand.play(
                beat, 0.45, chord[0] - 12 - (12 if chord[0] > 52 else 0), velocity=95, program=33, channel=1
            )
        for beat in (0, 1.5, 2.5):
            for pitch in chord:
                hand.play(bar * 4 + beat, 0.9, pitch, velocity=72, program=27, channel=2)
    hand.melody(hand.chance.choice((56, 66, 73, 80)), channel=3, velocity=92)


STEMS: Final[dict[str, tuple[Composer, int, int]]] = {
    "strummed_guitar": (strummed_guitar, 80, 130),
    "waltz": (waltz, 120, 180),
    "swing_piano": (swing_piano, 120, 190),
    "flute": (flute, 70, 120),
    "strings": (strings, 70, 110),
}
BAND: Final = (band, 90, 140)


def piece(name: str, composer: tuple[Composer, int, int], seed: int) -> Piece:
    """One piece of a kind."""
    compose, slowest, fastest = composer
    hand = Hand(name, seed, slowest=slowest, fastest=fastest)
    compose(hand)
    return Piece(f"{name}{seed}", sorted(hand.notes, key=lambda note: (note.start, note.pitch)))
