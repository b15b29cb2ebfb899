"""What all parts of a made-up piece agree upon."""

from dataclasses import dataclass

from numpy.random import Generator

from scripts.training.music.piece import Note, Part, chance


@dataclass(frozen=True, slots=True)
class Song:
    """What all parts of a piece agree upon. Beats are quarters; `chords` holds the pitches of each bar's chord."""

    rng: Generator
    scale: tuple[int, ...]
    root: int
    beat_seconds: float
    beats: int
    swing: float
    loose_seconds: float
    chords: list[list[int]]

    @property
    def bars(self) -> int:
        """How many bars there are."""
        return len(self.chords)

    def degree(self, step: int) -> int:
        """The pitch of a step of the scale, 0 the root."""
        octave, place = divmod(step, len(self.scale))
        return self.root + 12 * octave + self.scale[place]

    def seconds(self, at: float) -> float:
        """When a beat comes: the second eighth of each later by the swing."""
        whole, rest = divmod(at, 1.0)
        return float((whole + (0.5 + self.swing if abs(rest - 0.5) < 1e-6 else rest)) * self.beat_seconds)

    def play(
        self, part: Part, start: float, end: float, pitch: int, *, velocity: float, gap: float = 0.03
    ) -> None:
        """Add a note from one beat to another, as loosely as people play."""
        if not 21 <= pitch <= 108:
            return
        first = max(0.0, self.seconds(start) + self.rng.normal(0, self.loose_seconds))
        last = max(first + 0.05, self.seconds(end) - gap * self.beat_seconds)
        loud = float(min(max(velocity + self.rng.normal(0, 0.06), 0.15), 1.0))
        part.notes.append(Note(first, last, pitch, loud))

    def active(self, part: float) -> list[bool]:
        """For each bar, whether a part plays: it rests for two bars at a time."""
        blocks = [chance(self.rng, part) for _ in range(self.bars // 2 + 1)]
        return [blocks[bar // 2] for bar in range(self.bars)]
