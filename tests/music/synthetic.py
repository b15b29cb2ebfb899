"""Songs of known tempo and key, played a little loosely, from a seed."""

import random
from collections.abc import Callable

from bot.music.song import Note, Song, Track

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)
_PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0))
_KIT = {36: (0, 2), 38: (1, 3), 42: (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)}

Played = Callable[[int, float, float], Note]


def song_at(bpm: float, *, tonic: int, is_minor: bool, seed: int, bars: int = 24) -> Song:
    """`bars` bars of 4/4: chords, a bass, a melody in the scale, and most of the time a kit."""
    rng = random.Random(seed)  # noqa: S311  # a made-up song is no secret
    scale = [60 + tonic + step for step in (_MINOR if is_minor else _MAJOR)]
    beat = 60 / bpm
    lead_in = rng.uniform(0, 1)

    def played(pitch: int, at_beats: float, beats: float) -> Note:
        start = max(0.0, lead_in + at_beats * beat + rng.gauss(0, 0.012))
        return Note(pitch, start, start + beats * beat * rng.uniform(0.7, 1), rng.randrange(50, 110))

    progression = rng.choice(_PROGRESSIONS)
    chords, bass, melody, drums = [], [], [], []
    for bar in range(bars):
        degree = 0 if bar == bars - 1 else progression[bar % 4]
        triad = [scale[(degree + third) % 7] for third in (0, 2, 4)]
        chords += [played(pitch - 12, bar * 4 + half, 2) for half in (0, 2) for pitch in triad]
        bass += [
            played(triad[0] - 24, bar * 4 + at, 1)
            for at in rng.choice(((0, 2), (0, 1, 2, 3), (0, 1.5, 2, 3.5)))
        ]
        melody += _phrase(rng, bar, triad, scale, played)
        drums += [played(piece, bar * 4 + at, 0.25) for piece, places in _KIT.items() for at in places]
    tracks = [Track.of(sorted(notes, key=lambda n: n.start_seconds)) for notes in (chords, bass, melody)]
    if rng.random() < 0.7:
        tracks.append(Track.of(sorted(drums, key=lambda n: n.start_seconds), is_drums=True))
    return Song(tuple(tracks))


def _phrase(rng: random.Random, bar: int, triad: list[int], scale: list[int], played: Played) -> list[Note]:
    """One bar of melody in quarters and eighths, more on the chord's notes than between them."""
    notes, at = [], 0.0
    while at < 4:
        beats = rng.choice((0.5, 0.5, 1, 1, 2))
        pitch = rng.choice(triad if rng.random() < 0.7 else scale)
        if rng.random() < 0.9:
            notes.append(played(pitch + 12, bar * 4 + at, beats))
        at += beats
    return notes
