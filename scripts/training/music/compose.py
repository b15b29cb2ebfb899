"""A composer: what a band might play for some seconds, in a style, key, metre, tempo and line-up drawn at random."""

from typing import Final

from numpy.random import Generator

from scripts.training.music import parts
from scripts.training.music.beats import beat
from scripts.training.music.piece import Part, Piece, chance, pick
from scripts.training.music.song import Song

SCALES: Final = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 8, 11),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 10),
    (0, 1, 3, 5, 7, 8, 10),
)
PROGRESSIONS: Final = (
    (0, 4, 5, 3),
    (0, 5, 3, 4),
    (1, 4, 0, 5),
    (0, 3, 4, 3),
    (5, 3, 0, 4),
    (0, 6, 5, 4),
    (0, 3, 0, 4),
    (0, 2, 3, 4),
    (0,),
    (0, 0, 3, 4),
)


def compose(rng: Generator, seconds: float) -> Piece:
    """A piece of about `seconds`."""
    song = _song(rng, seconds)
    playing: list[Part] = []
    if chance(rng, 0.8):
        playing.append(parts.bass(song))
    playing += [parts.chords(song) for _ in range(pick(rng, (0, 1, 1, 1, 2)))]
    if chance(rng, 0.25):
        playing.append(parts.pad(song))
    playing += [parts.melody(song) for _ in range(pick(rng, (0, 1, 1, 1, 2)))]
    return Piece(playing or [parts.melody(song)], beat(song))


def _song(rng: Generator, seconds: float) -> Song:
    beats = pick(rng, (4, 4, 4, 4, 4, 3, 6))
    beat_seconds = 60 / rng.uniform(62, 180)
    bars = max(2, round(seconds / (beat_seconds * beats)) + 1)
    song = Song(
        rng,
        pick(rng, SCALES),
        int(rng.integers(46, 60)),
        beat_seconds,
        beats,
        pick(rng, (0.0, 0.0, 0.0, 0.12, 1 / 6)),
        pick(rng, (0.0, 0.004, 0.008, 0.014)),
        [],
    )
    progression = pick(rng, PROGRESSIONS)
    thirds = (0, 2, 4, 6) if chance(rng, 0.35) else (0, 2, 4)
    for bar in range(bars):
        song.chords.append([song.degree(progression[bar % len(progression)] + third) for third in thirds])
    return song
