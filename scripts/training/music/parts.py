"""What the players of a made-up piece play: bass, chords, pads, melodies, each in a style drawn at random."""

from itertools import pairwise
from typing import Final

from scripts.training.music.piece import Part, chance, folded, pick
from scripts.training.music.song import Song

BASSES: Final = (32, 33, 33, 33, 34, 35, 36, 37, 38, 38, 39, 43, 58)
CHORDERS: Final = (
    *(0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 11, 15, 16, 17, 18, 19, 21, 22),
    *(24, 24, 24, 25, 25, 25, 26, 27, 27, 28, 29, 30, 46, 48, 49, 50, 61, 62, 63, 80, 81, 88, 90),
)
SINGERS: Final = (
    *(0, 0, 1, 3, 4, 6, 8, 9, 11, 12, 13, 14, 16, 18, 21, 22, 24, 25, 26, 27, 28, 29, 30),
    *(40, 40, 41, 42, 44, 45, 46, 48, 52, 53, 54, 56, 57, 58, 59, 60, 61, 64, 65, 66, 67, 68, 69, 70, 71),
    *(72, 73, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 104, 105, 107, 108, 109, 110, 111),
)
PADS: Final = (16, 19, 48, 49, 50, 51, 52, 53, 54, 61, 88, 89, 90, 91, 92, 93, 94, 95)
FIGURES: Final = (
    (0.5, 0.5, 1, 1, 1.5, 0.5, 2),
    (0.25, 0.25, 0.5, 0.5, 0.5, 1),
    (1, 2, 1.5, 2, 3, 4),
    (0.25, 0.25, 0.25, 0.25, 0.5),
    (0.5, 0.75, 0.25, 1),
    (1 / 3, 1 / 3, 1 / 3, 1),
)
GAPS: Final = (0.0, 0.02, 0.03, 0.1, 0.3)
"""Parts of a beat between a note's end and the next one."""


def bass(song: Song) -> Part:
    """One note at a time, low."""
    rng = song.rng
    part = Part(pick(rng, BASSES), rng.uniform(0.5, 1.3))
    style = pick(rng, ("roots", "eighths", "line", "walk", "sixteenths", "long"))
    gap, active = pick(rng, GAPS), song.active(0.92)
    for bar, chord in enumerate(song.chords):
        if not active[bar]:
            continue
        at = bar * song.beats
        if style == "long":
            song.play(part, at, at + song.beats, folded(chord[0], 28, 42), velocity=0.75, gap=gap)
        elif style == "line":
            _bass_line(song, part, at, chord, gap)
        else:
            _bass_steps(song, part, at, chord, style=style, gap=gap)
    return part


def _bass_line(song: Song, part: Part, at: float, chord: list[int], gap: float) -> None:
    position = 0.0
    while position < song.beats:
        length = min(pick(song.rng, (0.5, 0.75, 1.0, 1.5)), song.beats - position)
        if chance(song.rng, 0.85):
            pitch = folded(pick(song.rng, chord), 28, 50)
            song.play(part, at + position, at + position + length, pitch, velocity=0.75, gap=gap)
        position += length


def _bass_steps(song: Song, part: Part, at: float, chord: list[int], *, style: str, gap: float) -> None:
    rng, step = song.rng, {"eighths": 0.5, "sixteenths": 0.25}.get(style, 1.0)
    for place in range(int(song.beats / step)):
        if style == "sixteenths" and chance(rng, 0.4):
            continue
        pitch = folded(chord[0], 28, 42)
        if place and style == "walk":
            pitch = folded(song.degree(int(rng.integers(-7, 8))), 28, 52)
        elif place and chance(rng, 0.35):
            pitch = folded(pick(rng, (chord[0] + 12, chord[2], chord[1])), 28, 50)
        song.play(part, at + place * step, at + (place + 1) * step, pitch, velocity=0.75, gap=gap)


def chords(song: Song) -> Part:
    """Block chords, strumming, arpeggios and what else accompanies."""
    rng = song.rng
    part = Part(pick(rng, CHORDERS), rng.uniform(0.2, 0.9))
    style = pick(rng, ("block", "comp", "strum", "strum", "arpeggio", "off", "power", "broken", "waltz"))
    accompanist = _Accompanist(song, part, style)
    for bar, chord in enumerate(song.chords):
        if accompanist.active[bar]:
            accompanist.bar(bar * song.beats, chord)
    return part


class _Accompanist:
    def __init__(self, song: Song, part: Part, style: str) -> None:
        self._song, self._part, self._style = song, part, style
        rng = song.rng
        self.active, self._lowest = song.active(0.88), pick(rng, (45, 48, 52, 55, 60))
        beats = [pick(rng, range(song.beats * 2)) * 0.5 for _ in range(pick(rng, (2, 3, 4, 5, 7)))]
        self._rhythm = sorted(set(beats))
        self._step, self._held = pick(rng, (0.25, 0.5, 0.5, 1 / 3)), chance(rng, 0.4)
        self._order = pick(rng, ((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1), (0, 1, 2, 3)))

    def bar(self, at: float, chord: list[int]) -> None:
        style = self._style
        voicing = sorted({folded(pitch, self._lowest, self._lowest + 14) for pitch in chord})
        low = folded(chord[0], self._lowest - 12, self._lowest)
        if style == "power":
            voicing = [low, low + 7, low + 12]
        elif style == "strum":
            doubled = voicing[: int(self._song.rng.integers(3))]
            voicing = sorted({low, *voicing, *(pitch + 12 for pitch in doubled)})
        if style == "block":
            self._block(at, voicing)
        elif style in {"comp", "strum", "power"}:
            self._rhythmic(at, voicing)
        elif style == "off":
            for place in range(self._song.beats):
                self._chord(at + place + 0.5, 0.3, voicing, 0.6)
        elif style in {"broken", "waltz"}:
            self._chord(at, self._song.beats if style == "broken" else 0.9, [low], 0.62)
            for place in range(1, self._song.beats):
                self._chord(at + place, 0.7, voicing, 0.5)
        else:
            self._arpeggio(at, voicing)

    def _chord(self, at: float, length: float, pitches: list[int], velocity: float) -> None:
        for pitch in pitches:
            self._song.play(self._part, at, at + length, pitch, velocity=velocity)

    def _block(self, at: float, voicing: list[int]) -> None:
        beats = self._song.beats
        for start in pick(self._song.rng, ((0.0,), (0.0, beats / 2))):
            for pitch in voicing:
                end = beats if start or chance(self._song.rng, 0.5) else beats / 2
                self._song.play(self._part, at + start, at + end, pitch, velocity=0.58)

    def _rhythmic(self, at: float, voicing: list[int]) -> None:
        rng, strummed = self._song.rng, self._style == "strum"
        spread = rng.uniform(0.004, 0.03) / self._song.beat_seconds if strummed else 0.0
        for start, following in pairwise([*self._rhythm, float(self._song.beats)]):
            length = following - start if strummed else min(following - start, pick(rng, (0.25, 0.45, 1.0)))
            strings = voicing[::-1] if strummed and chance(rng, 0.3) else voicing
            for place, pitch in enumerate(strings):
                self._song.play(
                    self._part, at + start + place * spread, at + start + length, pitch, velocity=0.6
                )

    def _arpeggio(self, at: float, voicing: list[int]) -> None:
        for place in range(int(self._song.beats / self._step)):
            end = self._song.beats if self._held else (place + 1) * self._step
            pitch = voicing[self._order[place % 4] % len(voicing)]
            self._song.play(self._part, at + place * self._step, at + end, pitch, velocity=0.58)


def pad(song: Song) -> Part:
    """Whole bars."""
    part, active = Part(pick(song.rng, PADS), song.rng.uniform(0.15, 0.6)), song.active(0.85)
    for bar, chord in enumerate(song.chords):
        if active[bar]:
            for pitch in chord:
                song.play(
                    part, bar * song.beats, (bar + 1) * song.beats, folded(pitch, 53, 76), velocity=0.55
                )
    return part


def melody(song: Song) -> Part:
    """One voice, or two in parallel, in figures that come again."""
    rng = song.rng
    part, active = Part(pick(rng, SINGERS), rng.uniform(0.25, 1.2)), song.active(0.85)
    lowest = pick(rng, (50, 55, 60, 60, 64, 67, 72))
    highest = lowest + int(rng.integers(14, 25))
    lengths, gap, second = pick(rng, FIGURES), pick(rng, GAPS), pick(rng, (0, 0, 0, 0, 2, -5, 7))
    step, motif = 7, list[tuple[float, float, int]]()
    for bar, chord in enumerate(song.chords):
        if not active[bar]:
            continue
        if bar % 4 == 2 and chance(rng, 0.5):
            notes = motif
        else:
            notes, position = [], 0.0
            while position < song.beats - 1e-6:
                length = min(pick(rng, lengths), song.beats - position)
                step = min(max(step + pick(rng, (-3, -2, -1, -1, 0, 1, 1, 2, 3)), -2), 16)
                on_chord = position % 1 < 1e-6 and chance(rng, 0.6)
                pitch = folded(pick(rng, chord) if on_chord else song.degree(step), lowest, highest)
                if not chance(rng, 0.12):
                    notes.append((position, length, pitch))
                position += length
            if bar % 4 == 0:
                motif = notes
        for position, length, pitch in notes:
            at = bar * song.beats + position
            velocity = rng.uniform(0.62, 0.85)
            song.play(part, at, at + length, pitch, velocity=velocity, gap=gap)
            if second:
                other = folded(pitch + second, lowest - 12, highest)
                song.play(part, at, at + length, other, velocity=velocity - 0.06, gap=gap)
    return part
