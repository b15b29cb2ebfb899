"""Beats for a drum kit, from a straight rock beat to strokes at random."""

from typing import Final

from numpy.random import Generator

from scripts.training.music.piece import Stroke, chance, pick
from scripts.training.music.song import Song

TIMEKEEPERS: Final = (42, 42, 42, 42, 42, 44, 46, 51, 51, 53, 59, 70, 54)
SNARES: Final = (38, 38, 38, 38, 40, 40, 37, 39)
CRASHES: Final = (49, 49, 57, 55, 52)
FILLS: Final = ((38,), (48, 50, 47, 45, 43, 41), (38, 45), (48, 45, 41), (50, 47, 43))
PERCUSSION: Final = (54, 56, 60, 61, 62, 63, 64, 69, 70, 75, 76, 80, 81, 82)
ALL: Final = (35, 36, 37, 38, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 57, 59)
SIXTEENTHS: Final = 4


def beat(song: Song) -> list[Stroke]:
    """The strokes of all bars, by time."""
    rng = song.rng
    style = pick(
        rng, ("groove", "groove", "groove", "groove", "groove", "groove", "machine", "toms", "random")
    )
    player = _Player(song)
    active = song.active(0.94)
    for bar in range(song.bars):
        if active[bar]:
            player.bar(bar, style)
    if chance(rng, 0.25):
        player.percussion()
    return sorted(player.strokes, key=lambda stroke: stroke.start)


class _Player:
    def __init__(self, song: Song) -> None:
        rng = self.rng = song.rng
        self.song = song
        self.strokes: list[Stroke] = []
        self.places = song.beats * SIXTEENTHS
        self.hat, self.snare, self.kick = pick(rng, TIMEKEEPERS), pick(rng, SNARES), pick(rng, (36, 36, 35))
        self.crash = pick(rng, CRASHES)
        self.step = pick(rng, (4, 2, 2, 2, 2, 1))
        self.kicks = _kicks(rng, self.places)
        self.backbeats = {4, 8} if song.beats == 3 else set(range(4, self.places, 8))
        if chance(rng, 0.12):
            self.backbeats = set(range(8, self.places, 16))
        self.ghosts, self.opens = pick(rng, (0.0, 0.0, 0.06, 0.15)), pick(rng, (0.0, 0.0, 0.1, 0.3))
        self.fills = pick(rng, (0.0, 0.3, 0.8))
        self.accent = rng.uniform(0.0, 0.25)

    def stroke(self, bar: int, place: int, pitch: int, velocity: float) -> None:
        at = bar * self.song.beats + place / SIXTEENTHS
        seconds = max(0.0, self.song.seconds(at) + self.rng.normal(0, self.song.loose_seconds))
        self.strokes.append(
            Stroke(seconds, pitch, float(min(max(velocity + self.rng.normal(0, 0.07), 0.1), 1)))
        )

    def bar(self, bar: int, style: str) -> None:
        if style == "random":
            for _ in range(int(self.rng.integers(4, 30))):
                self.stroke(
                    bar, int(self.rng.integers(self.places)), pick(self.rng, ALL), self.rng.uniform(0.3, 1)
                )
            return
        filled = bar % 4 == 3 and chance(self.rng, self.fills)
        last = self.places - 4 if filled else self.places
        if (bar % 4 == 0 and chance(self.rng, 0.6)) or chance(self.rng, 0.08):
            self.stroke(bar, 0, self.crash, 0.85)
        for place in range(last):
            self._place(bar, place, style)
        if filled:
            fill = pick(self.rng, FILLS)
            for place in range(last, self.places):
                self.stroke(bar, place, fill[(place - last) % len(fill)], 0.78)

    def _place(self, bar: int, place: int, style: str) -> None:
        rng = self.rng
        if chance(rng, 0.94 if self.kicks[place] else 0.03):
            self.stroke(bar, place, self.kick, 0.85)
        if place in self.backbeats and chance(rng, 0.96):
            self.stroke(bar, place, self.snare, 0.85)
        elif chance(rng, self.ghosts):
            self.stroke(bar, place, 38, 0.35)
        if style == "toms":
            if place % 2 == 0 and chance(rng, 0.5):
                self.stroke(bar, place, pick(rng, (41, 43, 45, 47, 48, 50)), 0.7)
        elif place % self.step == 0:
            opened = (style == "machine" and place % 4 == 2) or (
                place % 2 == 0 and chance(rng, self.opens * 0.5)
            )
            if opened:
                self.stroke(bar, place, 46, 0.65)
            elif chance(rng, 0.97):
                self.stroke(bar, place, self.hat, 0.5 + (self.accent if place % 4 == 0 else 0))

    def percussion(self) -> None:
        pitch, step = pick(self.rng, PERCUSSION), pick(self.rng, (1, 2, 4))
        for bar in range(self.song.bars):
            for place in range(0, self.places, step):
                if chance(self.rng, 0.6):
                    self.stroke(bar, place, pitch, 0.5)


def _kicks(rng: Generator, places: int) -> list[bool]:
    if chance(rng, 0.25):
        return [place % 4 == 0 for place in range(places)]
    if chance(rng, 0.08):
        return [place % 2 == 0 for place in range(places)]
    likely = [
        0.9 if not place else 0.35 if place % 4 == 0 else 0.22 if place % 2 == 0 else 0.07
        for place in range(places)
    ]
    return [chance(rng, part) for part in likely]
