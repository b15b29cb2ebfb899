"""Made-up songs whose chords are known: several styles, each with passing notes, and as a transcriber hears them."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from bot.music.chords.chord import Quality
from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin

STYLES = ("block", "arpeggio", "walking", "strummed", "pad", "power")

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_IN_MAJOR = (
    (0, 4, 5, 3),
    (0, 5, 3, 4),
    (1, 4, 0, 0),
    (0, 3, 4, 0),
    (5, 3, 0, 4),
    (0, 2, 3, 4),
    (0, 5, 1, 4),
    (3, 4, 2, 5),
)
_IN_MINOR = ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 4), (0, 3, 6, 2), (1, 4, 0, 0), (0, 5, 3, 4), (0, 2, 6, 3))
_SHAPES = {
    (4, 7, 11): Quality.MAJOR_SEVENTH, (4, 7, 10): Quality.SEVENTH, (3, 7, 10): Quality.MINOR_SEVENTH,
    (3, 6, 10): Quality.HALF_DIMINISHED,
}  # fmt: skip
_TRIADS = {(4, 7): Quality.MAJOR, (3, 7): Quality.MINOR, (3, 6): Quality.DIMINISHED}
_BASS, _DRUM, _LEAD = 33, 0, 73
_LONG_NOTES = (0.5, 0.5, 1.0, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class TrueChord:
    """What is played from one second to another."""

    start_seconds: float
    end_seconds: float
    root: int
    quality: Quality
    bass: int


@dataclass(frozen=True, slots=True)
class Harmony:
    """A song with its own bars, and its chords."""

    song: Song
    chords: tuple[TrueChord, ...]
    style: str


@dataclass(frozen=True, slots=True)
class _Span:
    place: float
    length: float
    root: int
    quality: Quality
    bass: int

    @property
    def tones(self) -> list[int]:
        return [self.root + tone for tone in self.quality.semitones]


class _Composer:
    def __init__(self, rng: Generator, style: str, bars: int) -> None:
        self.rng, self.style = rng, style
        self.beats = 3 if rng.random() < 0.2 else 4
        self.bpm = float(rng.uniform(65, 170))
        self.tonic, self.is_minor = int(rng.integers(12)), bool(rng.random() < 0.45)
        self.scale = _MINOR if self.is_minor else _MAJOR
        self.low = int(rng.integers(50, 58))
        self.spans = self._spans(bars)
        self.notes: dict[str, list[tuple[float, float, int, float]]] = {}

    def _spans(self, bars: int) -> list[_Span]:
        rng = self.rng
        loops = _IN_MINOR if self.is_minor else _IN_MAJOR
        parts = [loops[rng.integers(len(loops))] for _ in range(2)]
        sevenths = {"walking": 0.9, "power": 0.0}.get(self.style, float(rng.choice((0.0, 0.2, 0.8))))
        pace = float(rng.choice((self.beats, self.beats, self.beats, 2 * self.beats, self.beats / 2)))
        if self.beats == 3:
            pace = max(pace, 3.0)
        spans, place, number = [], 0.0, 0
        inverts = rng.random() < 0.4 and self.style not in {"walking", "power"}
        while place < bars * self.beats:
            loop = parts[number // 8 % 2]
            degree = loop[number % len(loop)]
            spans.append(
                self._span(degree, place, pace, has_seventh=rng.random() < sevenths, inverts=inverts)
            )
            place += pace
            number += 1
        return spans

    def _span(self, degree: int, place: float, length: float, *, has_seventh: bool, inverts: bool) -> _Span:
        steps = [self.scale[(degree + third) % 7] for third in (0, 2, 4, 6)]
        third, fifth, seventh = ((step - steps[0]) % 12 for step in steps[1:])
        if self.is_minor and degree == 4:
            third = 4  # the dominant of a minor key is major
        quality = _SHAPES[third, fifth, seventh] if has_seventh else _TRIADS[third, fifth]
        if self.style == "power":
            quality = Quality.POWER if quality is not Quality.DIMINISHED else quality
        elif not has_seventh and self.rng.random() < 0.04:
            quality = Quality.SUSPENDED_FOURTH
        bass = int(self.rng.choice(quality.semitones[1:3])) if inverts and self.rng.random() < 0.3 else 0
        return _Span(place, length, (self.tonic + steps[0]) % 12, quality, bass)

    def add(self, part: str, place: float, length: float, pitch: int, loud: float = 0.6) -> None:
        self.notes.setdefault(part, []).append((place, length, pitch, loud))

    def voiced(self, span: _Span) -> list[int]:
        return sorted(self.low + (tone - self.low) % 12 for tone in span.tones)

    def accompany(self) -> None:
        for span in self.spans:
            getattr(self, f"_{self.style}")(span, self.voiced(span))

    def _block(self, span: _Span, pitches: list[int]) -> None:
        for beat in np.arange(0, span.length, 1 if self.rng.random() < 0.5 else 2):
            for pitch in pitches:
                self.add("piano", span.place + beat, 0.9, pitch)

    def _pad(self, span: _Span, pitches: list[int]) -> None:
        for pitch in pitches:
            self.add("pad", span.place, span.length * 1.05, pitch, 0.4)

    def _arpeggio(self, span: _Span, pitches: list[int]) -> None:
        order = [*pitches, pitches[0] + 12, *reversed(pitches[1:])]
        for number, place in enumerate(np.arange(0, span.length, 0.5)):
            self.add("piano", span.place + place, 0.5 + self.rng.random(), order[number % len(order)])

    def _strummed(self, span: _Span, pitches: list[int]) -> None:
        for place in np.arange(0, span.length, 0.5):
            if place % 1 == 0 or self.rng.random() < 0.5:
                for order, pitch in enumerate([*pitches, pitches[0] + 12]):
                    self.add("guitar", span.place + place + 0.02 * order, 0.6, pitch)

    def _walking(self, span: _Span, pitches: list[int]) -> None:
        for place in (0, 1.5) if span.length >= 2 else (0,):
            for pitch in pitches[1:] if len(pitches) > 3 else pitches:
                self.add("piano", span.place + place, 0.6, pitch)

    def _power(self, span: _Span, _pitches: list[int]) -> None:
        root = 40 + (span.root - 40) % 12
        for place in np.arange(0, span.length, 0.5):
            for tone in (*span.quality.semitones, 12):
                self.add("guitar", span.place + place, 0.45, root + tone)

    def bass(self) -> None:
        rng = self.rng
        for span in self.spans:
            root = 33 + (span.root + span.bass - 33) % 12
            if self.style == "walking":
                for beat in map(float, range(int(span.length))):
                    near = [root, *(root + tone for tone in span.quality.semitones[1:]), root + 2, root - 1]
                    self.add("bass", span.place + beat, 0.95, root if not beat else int(rng.choice(near)))
            else:
                for beat in np.arange(0, span.length, float(rng.choice((0.5, 1, 2)))):
                    is_fifth = beat and not span.bass and rng.random() < 0.15
                    self.add("bass", span.place + float(beat), 0.9, root + (7 if is_fifth else 0))

    def melody(self) -> None:
        rng = self.rng
        at = int(rng.integers(7))
        for span in self.spans:
            place = 0.0
            while place < span.length:
                length = float(rng.choice(_LONG_NOTES))
                pitch = 72 + self.tonic % 12 + self.scale[at % 7] - (12 if self.tonic > 6 else 0)
                is_strong = place % 1 == 0
                if is_strong and rng.random() < 0.6:
                    pitch = 68 + (int(rng.choice(span.tones)) - 68) % 12
                if rng.random() < 0.85:
                    self.add("lead", span.place + place, min(length, span.length - place) * 0.9, pitch, 0.75)
                at = max(0, at + int(rng.choice((-2, -1, -1, 1, 1, 2)))) % 7
                place += length

    def drums(self) -> None:
        until = int(self.spans[-1].place + self.spans[-1].length)
        for beat in range(until):
            self.add("drums", beat, 0.1, 38 if beat % 2 else 36)
            self.add("drums", beat + 0.5, 0.1, 42)


def compose(rng: Generator, style: str, *, bars: int = 16) -> Harmony:
    """One song; with even odds it is as a transcriber hears it, with notes missed, made up and off their time."""
    made = _Composer(rng, style, bars)
    made.accompany()
    has_bass = style in {"walking", "power"} or rng.random() < 0.75
    if has_bass:
        made.bass()
    if rng.random() < 0.75:
        made.melody()
    if rng.random() < 0.6:
        made.drums()
    beat = 60 / made.bpm
    is_heard = rng.random() < 0.5
    tracks = [_track(rng, name, notes, beat, is_heard=is_heard) for name, notes in made.notes.items()]
    meter = ((0, made.beats, 4),)
    bars_ = Bars(480, Bars.plain(made.bpm).tempos, meter, 0, None, Origin.HEARD, (made.bpm, made.bpm))
    song = normalise(tracks, Report())
    chords = tuple(
        TrueChord(
            one.place * beat,
            (one.place + one.length) * beat,
            one.root,
            one.quality,
            one.bass if has_bass else 0,
        )
        for one in made.spans
    )
    return Harmony(Song(song.tracks, bars=bars_), chords, style)


def _track(
    rng: Generator, name: str, notes: list[tuple[float, float, int, float]], beat: float, *, is_heard: bool
) -> Track:
    found = []
    for place, length, pitch, loud in notes:
        start, end = place * beat, (place + length) * beat
        if is_heard:
            if rng.random() < 0.06:
                continue
            start = max(0.0, start + rng.normal(0, 0.012))
            end = max(start + 0.05, end + rng.normal(0, 0.06))
            if name != "drums" and rng.random() < 0.03:
                found.append(Note(int(pitch + rng.choice((-12, 12, 7, 1))), start, end, 60))
        velocity = int(np.clip(loud * 127 + rng.normal(0, 8), 1, 127))
        found.append(Note(int(pitch), float(start), float(end), velocity))
    programs = {"bass": _BASS, "lead": _LEAD, "guitar": 25, "pad": 89}
    return Track.of(
        sorted(found, key=lambda note: note.start_seconds),
        name=name,
        program=programs.get(name, 0),
        is_drums=name == "drums",
    )
