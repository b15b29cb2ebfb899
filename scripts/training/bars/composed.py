"""Made-up songs of known beats, bars and key, as bands and pianists play them and as a transcriber hears them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.random import Generator

from bot.music.song import Note, Song, Track
from scripts.training.bars import patterns
from scripts.training.bars.clock import KINDS, Pace, Times, pace

MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
MINOR: Final = (0, 2, 3, 5, 7, 8, 11)
PROGRESSIONS: Final = (
    (0, 3, 4, 0), (0, 4, 5, 3), (0, 5, 3, 4), (1, 4, 0, 0), (0, 3, 0, 4), (5, 3, 0, 4), (0, 0, 3, 4), (0, 6, 5, 4), (0, 0, 0, 0),
    (0, 4, 0, 4), (3, 0, 4, 0), (0, 2, 3, 4), (0, 0, 4, 4, 0, 0, 4, 0), (0, 0, 3, 3, 4, 4, 0, 0), (0, 5, 1, 4, 0, 3, 4, 0),
)  # fmt: skip
BEATS: Final = {"4/4": 4, "3/4": 3, "2/4": 2, "6/8": 2}
_METERS: Final = ("4/4",) * 11 + ("3/4",) * 4 + ("6/8",) * 3 + ("2/4",) * 2
_BPM: Final = {"4/4": (112, 0.28), "3/4": (118, 0.3), "2/4": (108, 0.18), "6/8": (72, 0.25)}
_CRASH: Final = 49
_KICK: Final = 36
_SNARE: Final = 38


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a made-up song. Beats of 6/8 are dotted quarters; `swing` is how late an off-beat comes, in beats."""

    meter: str
    beats: Times
    downbeats: Times
    tonic: int
    is_minor: bool
    pace: str
    pickup: float
    swing: float


@dataclass(slots=True)
class _Part:
    notes: list[tuple[float, float, int, float]] = field(default_factory=list)
    """Place and length in beats, pitch, loudness 0..1."""
    is_drums: bool = False
    program: int = 0


class _Band:
    """One song in the making."""

    def __init__(self, rng: Generator, meter: str, bars: int) -> None:
        self.rng, self.meter, self.bars, self.n = rng, meter, bars, BEATS[meter]
        self.unit = 1 / 3 if meter == "6/8" else 0.5
        self.is_minor, self.tonic = bool(rng.random() < 0.45), int(rng.integers(12))
        scale = MINOR if self.is_minor else MAJOR
        self.scale = [36 + self.tonic + step for step in scale]
        progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
        slow = int(rng.choice((1, 1, 1, 1, 2)))
        self.chords = [progression[bar // slow % len(progression)] for bar in range(bars)]
        self.chords[-1] = 0
        self.halves = bool(rng.random() < 0.15 and meter == "4/4")
        self.early = rng.random() < 0.2
        self.parts: list[_Part] = []

    def pick(self, things: tuple[patterns.Places, ...]) -> patterns.Places:
        return things[self.rng.integers(len(things))]

    def degree(self, step: int, low: int) -> int:
        octave, place = divmod(step, 7)
        pitch = self.scale[place] + 12 * octave
        while pitch < low:
            pitch += 12
        while pitch >= low + 12:
            pitch -= 12
        return pitch

    def chord(self, bar: int, place: float) -> int:
        degree = self.chords[bar]
        return (degree + 3) % 7 if self.halves and place >= self.n / 2 and bar < self.bars - 1 else degree

    def active(self, share: float) -> list[bool]:
        """By bar; parts rest for four bars at a time."""
        blocks = self.rng.random(self.bars // 4 + 1) < share
        return [bool(blocks[bar // 4]) for bar in range(self.bars)]

    def loud(self, place: float) -> float:
        accent = 0.12 if place == 0 else 0.04 if place == int(place) else 0.0
        return float(np.clip(0.6 + self.accents * accent + self.rng.normal(0, 0.07), 0.15, 1))

    @property
    def accents(self) -> float:
        return 1.0

    def bass(self, low: int, part: _Part) -> None:
        usual, other = self.pick(patterns.BASS[self.meter]), self.pick(patterns.BASS[self.meter])
        active, walks = self.active(0.95), self.rng.random() < 0.3
        for bar in range(self.bars):
            if not active[bar]:
                continue
            places = other if bar % 4 == 3 else usual
            for number, place in enumerate(places):
                length = (places[number + 1] if number + 1 < len(places) else self.n) - place
                step = self.chord(bar, place) + (
                    int(self.rng.choice((0, 2, 4, 1, 6))) if number and walks else 0
                )
                if number and not walks and self.rng.random() < 0.25:
                    step += 4
                at = bar * self.n + place
                if self.early and not number and bar and self.rng.random() < 0.5:
                    at -= self.unit
                part.notes.append(
                    (at, length * self.rng.uniform(0.5, 1), self.degree(step, low), self.loud(place))
                )

    def block_chords(self, low: int, part: _Part) -> None:
        usual, active = self.pick(patterns.CHORDS[self.meter]), self.active(0.9)
        strum = self.rng.uniform(0, 0.02) * (self.rng.random() < 0.3)
        tight, seventh = self.rng.uniform(0.3, 1), (6,) if self.rng.random() < 0.3 else ()
        for bar in range(self.bars):
            if not active[bar]:
                continue
            for number, place in enumerate(usual):
                length = (usual[number + 1] if number + 1 < len(usual) else self.n) - place
                at = bar * self.n + place
                if self.early and not place and bar and self.rng.random() < 0.3:
                    at -= self.unit
                for order, third in enumerate((0, 2, 4, *seventh)):
                    pitch = self.degree(self.chord(bar, place) + third, low)
                    part.notes.append((at + order * strum, length * tight, pitch, self.loud(place) * 0.9))

    def arpeggio(self, low: int, part: _Part) -> None:
        steps = patterns.ARPEGGIO_STEPS[self.meter]
        step, active = steps[self.rng.integers(len(steps))], self.active(0.9)
        order = ((0, 2, 4, 2), (0, 4, 2, 4), (0, 2, 4, 7), (4, 2, 0, 2), (0, 2, 4))[self.rng.integers(5)]
        held = self.rng.uniform(0.8, 3)
        for bar in range(self.bars):
            for number in range(round(self.n / step) if active[bar] else 0):
                place = number * step
                third = order[number % len(order)]
                pitch = self.degree(self.chord(bar, place), low) + (
                    self.scale[third % 7] - self.scale[0] if third < 7 else 12
                )
                pitch = pitch if third == 0 else self.degree(self.chord(bar, place) + third, low + 3)
                part.notes.append((bar * self.n + place, step * held, pitch, self.loud(place) * 0.85))

    def melody(self, low: int, part: _Part, pickup: float) -> None:
        motifs = [self._rhythm() for _ in range(3)]
        active, step = self.active(0.85), 7
        for bar in range(self.bars):
            rhythm = motifs[(0, 1, 0, 2)[bar % 4]] if self.rng.random() < 0.8 else self._rhythm()
            if bar == self.bars - 1:
                rhythm = [(0.0, float(self.n))]
            for place, length in rhythm if active[bar] else []:
                chord = self.chord(bar, place)
                step = min(max(step + int(self.rng.choice((-2, -1, -1, 0, 1, 1, 2))), 2), 13)
                if place == 0 or self.rng.random() < 0.4:
                    step = min(
                        (chord + third + 7 * octave for third in (0, 2, 4) for octave in (0, 1, 2)),
                        key=lambda s: abs(s - step),
                    )
                octave, degree = divmod(step, 7)
                pitch = low + self.scale[degree] - 36 + 12 * octave
                at = bar * self.n + place
                if self.early and not place and bar and self.rng.random() < 0.35:
                    at -= self.unit
                part.notes.append((at, length * self.rng.uniform(0.6, 1), pitch, self.loud(place)))
        count = round(pickup / self.unit)
        for number in range(count):
            pitch = low + self.scale[(4 + number) % 7] - 36
            part.notes.append((-pickup + number * self.unit, self.unit * 0.9, pitch, self.loud(0.5)))

    def _rhythm(self) -> list[tuple[float, float]]:
        """A bar's rhythm, by halving: places and lengths, with some rests."""
        smallest = 1 / 3 if self.meter == "6/8" else float(self.rng.choice((0.25, 0.5, 0.5, 1.0)))
        found: list[tuple[float, float]] = []

        def divide(place: float, length: float) -> None:
            parts = self._parts(length, smallest)
            if len(parts) > 1 and length > 1 / 3 + 1e-6 and not (self.meter == "6/8" and length <= 1 + 1e-6):
                for part in parts:
                    divide(place, part)
                    place += part
                return
            for part in parts:
                if self.rng.random() < 0.92 or part >= 1:
                    found.append((place, part))
                place += part

        divide(0.0, float(self.n))
        return sorted(found)

    def _parts(self, length: float, smallest: float) -> tuple[float, ...]:
        """What a span of a bar is divided into; itself alone where it stays whole."""
        chosen = self.rng.random()
        if self.meter == "6/8" and abs(length - 1) < 1e-6:
            return (1 / 3, 1 / 3, 1 / 3) if chosen < 0.35 else (2 / 3, 1 / 3) if chosen < 0.7 else (1.0,)
        if length <= smallest + 1e-6 or chosen > (0.9 if length > 1 else 0.5):
            return (length,)
        if length == 3:
            return ((1.0, 1.0, 1.0), (2.0, 1.0), (1.5, 1.5), (2.0, 1.0))[self.rng.integers(4)]
        if self.rng.random() < 0.2 and length <= 2 and length / 4 >= smallest:
            return (length * 0.75, length * 0.25)
        return (length / 2, length / 2)

    def drums(self, part: _Part) -> None:
        kit = patterns.DRUMS[self.meter]
        kick, snare, hats = kit[self.rng.integers(len(kit))]
        active, fills = self.active(0.93), self.rng.random() < 0.5
        timekeeper, ghosts = int(self.rng.choice((42, 42, 42, 51, 44, 70))), self.rng.random() * 0.1
        crashes = self.rng.random() < 0.6
        for bar in range(self.bars):
            if not active[bar]:
                continue
            strokes = (
                [(_KICK, p, 0.8) for p in kick]
                + [(_SNARE, p, 0.8) for p in snare]
                + [(timekeeper, p, 0.5) for p in hats]
            )
            if crashes and bar % (4 if self.bars < 16 else 8) == 0:
                strokes.append((_CRASH, 0, 0.9))
            if fills and bar % 4 == 3:
                strokes = [s for s in strokes if s[1] < self.n - 1] + [
                    (int(self.rng.choice((38, 45, 48))), self.n - 1 + i * self.unit / 2, 0.7)
                    for i in range(round(2 / self.unit))
                    if i * self.unit / 2 < 1
                ]
            for pitch, place, loud in strokes:
                if self.rng.random() < 0.97:
                    part.notes.append(
                        (
                            bar * self.n + place,
                            0.1,
                            pitch,
                            float(np.clip(loud + self.rng.normal(0, 0.08), 0.1, 1)),
                        )
                    )
            for place in np.arange(0, self.n, self.unit / 2 if self.unit == 0.5 else self.unit):
                if self.rng.random() < ghosts:
                    part.notes.append((bar * self.n + float(place), 0.1, _SNARE, 0.3))


def compose(rng: Generator, meter: str | None = None, kind: str | None = None) -> tuple[Song, Truth]:
    """A song and what is true of it."""
    meter = meter or _METERS[rng.integers(len(_METERS))]
    n = BEATS[meter]
    middle, width = _BPM[meter]
    bpm = float(
        np.clip(
            middle * np.exp(rng.normal(0, width)),
            45 if meter == "6/8" else 58,
            130 if meter == "6/8" else 195,
        )
    )
    if rng.random() < 0.5:
        bpm = round(bpm)
    bars = max(8, int(rng.uniform(20, 150) * bpm / 60 / n))
    band = _Band(rng, meter, bars)
    kind = kind or str(rng.choice(KINDS, p=(0.5, 0.17, 0.08, 0.08, 0.17)))
    pickup = (
        float(rng.choice((band.unit, 1, 1, 1.0 + band.unit, 2 * band.unit))) if rng.random() < 0.35 else 0.0
    )
    pickup = pickup if pickup < n else 0.0
    swing = (
        float(rng.choice((0.08, 0.13, 1 / 6, 1 / 6)))
        if meter in {"4/4", "3/4"} and rng.random() < 0.18
        else 0.0
    )
    _line_up(band, pickup)
    lead = float(rng.choice((0.0, 0.0, rng.uniform(0, 0.3), rng.uniform(0, 3))))
    clock = pace(rng, kind, beat_seconds=60 / bpm, beats=bars * n, bar_beats=n, starts=0.0)
    shift = lead - float(clock.seconds(-pickup))
    clock = Pace(kind, clock.times + shift)
    loose = 0.0 if kind == "steady" and rng.random() < 0.25 else float(rng.uniform(0.003, 0.022))
    song = _heard(rng, band, clock, swing, loose)
    first = -int(np.floor(pickup + 1e-9))
    beats = clock.seconds(np.arange(first, bars * n).astype(float))
    downs = clock.seconds(np.arange(0, bars * n, n).astype(float))
    truth = Truth(meter, beats, downs, band.tonic, band.is_minor, kind, pickup, swing)
    return song, truth


def _line_up(band: _Band, pickup: float) -> None:
    rng = band.rng
    style = str(
        rng.choice(
            ("band", "band", "band", "piano", "piano", "guitar", "synth", "solo"),
            p=(0.2, 0.2, 0.14, 0.12, 0.12, 0.08, 0.08, 0.06),
        )
    )
    bass, chords, melody = _Part(program=33), _Part(program=0), _Part(program=73)
    if style == "band":
        band.drums(drums := _Part(is_drums=True))
        band.bass(28, bass)
        (band.arpeggio if rng.random() < 0.35 else band.block_chords)(52, chords)
        if rng.random() < 0.85:
            band.melody(60, melody, pickup)
        band.parts = [drums, bass, chords, melody]
    elif style == "piano":
        band.parts = _piano(band, pickup)
    elif style == "guitar":
        (band.arpeggio if rng.random() < 0.5 else band.block_chords)(45, chords)
        band.bass(40, chords)
        band.parts = [chords]
    elif style == "synth":
        band.drums(drums := _Part(is_drums=True))
        band.arpeggio(55, chords)
        band.bass(28, bass)
        band.parts = [drums, chords, bass]
    else:
        band.melody(60, melody, pickup)
        if rng.random() < 0.6:
            band.block_chords(48, chords)
        band.parts = [melody, chords]
    if pickup and not any(start < 0 for part in band.parts for start, *_ in part.notes):
        lone = next(part for part in band.parts if not part.is_drums)
        lone.notes += [
            (-pickup + i * band.unit, band.unit, 67, 0.6) for i in range(round(pickup / band.unit))
        ]


def _piano(band: _Band, pickup: float) -> list[_Part]:
    """Two hands, in one track or in two."""
    left, right = _Part(), _Part()
    if band.rng.random() < 0.5:
        band.bass(36, left)
        if band.rng.random() < 0.7:
            band.block_chords(52, left)
    else:
        band.arpeggio(40, left)
    band.melody(64, right, pickup)
    if band.rng.random() < 0.6:
        left.notes += right.notes
        right.notes = []
    return [left, right]


def _heard(rng: Generator, band: _Band, clock: Pace, swing: float, loose: float) -> Song:
    """The parts in seconds, swung and loose; often with notes lost, added and cut, as a transcriber does it."""
    is_transcribed = rng.random() < 0.5
    lost, added = (rng.uniform(0, 0.15), rng.uniform(0, 0.08)) if is_transcribed else (0.0, 0.0)
    flat = is_transcribed and rng.random() < 0.3
    tracks = []
    for part in band.parts:
        if not part.notes:
            continue
        start, length, pitch, loud = np.array(part.notes).T
        keep = rng.random(len(start)) >= lost
        start, length, pitch, loud = start[keep], length[keep], pitch[keep], loud[keep]
        extra = (
            rng.integers(0, max(1, len(start)), round(len(start) * added)) if len(start) else np.zeros(0, int)
        )
        start = np.concatenate((start, start[extra] + rng.uniform(-0.5, 0.5, len(extra))))
        length = np.concatenate((length, rng.uniform(0.1, 0.5, len(extra))))
        pitch = np.concatenate(
            (pitch, pitch[extra] + (0 if part.is_drums else rng.choice((12, -12, 7, 1), len(extra))))
        )
        loud = np.concatenate((loud, rng.uniform(0.2, 0.6, len(extra))))
        whole = np.floor(start + 1e-6)
        rest = start - whole
        swung = whole + np.where(
            np.abs(rest - 0.5) < 1e-3,
            rest + swing,
            np.where(np.abs(rest - 0.75) < 1e-3, rest + swing / 2, rest),
        )
        begins = np.maximum(clock.seconds(swung) + rng.normal(0, loose, len(start)), 0)
        ends = np.maximum(clock.seconds(start + length), begins + 0.04)
        if is_transcribed:
            ends = begins + (ends - begins) * rng.uniform(0.5, 1, len(begins))
        velocity = np.full(len(loud), 80) if flat else np.clip(loud * 110, 8, 127)
        order = np.argsort(begins, kind="stable")
        notes = [
            Note(int(np.clip(pitch[i], 21, 108)), float(begins[i]), float(ends[i]), int(velocity[i]))
            for i in order
        ]
        tracks.append(Track.of(notes, program=part.program, is_drums=part.is_drums))
    return Song(tuple(tracks))
