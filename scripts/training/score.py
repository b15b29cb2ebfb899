"""How right notes and strokes are, as F1: onsets within 50 ms; ends, where asked for, within 50 ms or a fifth of the note."""

from collections.abc import Sequence
from typing import Final

from scripts.training.music.piece import Note

NEAR_SECONDS: Final = 0.05
SAME_SECONDS: Final = 0.03
"""Strokes of two pieces that count as one (hats and cymbals) within this are the same stroke."""


class Tally:
    """Right, wanted and found, over as many pieces as are added."""

    def __init__(self) -> None:
        """Empty."""
        self.right = self.wanted = self.found = 0

    def strokes(self, truth: Sequence[float], found: Sequence[float]) -> None:
        """Add the strokes of one kind in one piece."""
        truth, found = single(truth), single(found)
        self.wanted += len(truth)
        self.found += len(found)
        self.right += matched(truth, found)

    def notes(self, truth: Sequence[Note], found: Sequence[Note], *, ends: bool) -> None:
        """Add the notes of one piece; unisons in the truth count once."""
        for pitch in {note.pitch for note in (*truth, *found)}:
            wanted = _without_unisons([note for note in truth if note.pitch == pitch])
            heard = sorted((note for note in found if note.pitch == pitch), key=lambda note: note.start)
            self.wanted += len(wanted)
            self.found += len(heard)
            self.right += _matched_notes(wanted, heard, ends=ends)

    @property
    def f1(self) -> float:
        """2 right / (wanted + found); 1 where nothing was wanted nor found."""
        every = self.wanted + self.found
        return round(2 * self.right / every, 3) if every else 1.0

    @property
    def shown(self) -> dict[str, float]:
        """F1, precision and recall."""
        return {
            "f1": self.f1,
            "precision": round(self.right / max(self.found, 1), 3),
            "recall": round(self.right / max(self.wanted, 1), 3),
        }


def single(times: Sequence[float]) -> list[float]:
    """`times` in order, those at nearly the same time once."""
    kept: list[float] = []
    for time in sorted(times):
        if not kept or time - kept[-1] > SAME_SECONDS:
            kept.append(time)
    return kept


def matched(truth: Sequence[float], found: Sequence[float]) -> int:
    """How many pairs within `NEAR_SECONDS` two ordered rows of times have at the most."""
    pairs = place = 0
    for time in truth:
        while place < len(found) and found[place] < time - NEAR_SECONDS:
            place += 1
        if place < len(found) and found[place] <= time + NEAR_SECONDS:
            pairs += 1
            place += 1
    return pairs


def _matched_notes(truth: Sequence[Note], found: Sequence[Note], *, ends: bool) -> int:
    left, pairs = list(found), 0
    for note in truth:
        for other in left:
            end_near = max(NEAR_SECONDS, 0.2 * (note.end - note.start))
            if abs(other.start - note.start) <= NEAR_SECONDS and (
                not ends or abs(other.end - note.end) <= end_near
            ):
                pairs += 1
                left.remove(other)
                break
    return pairs


def _without_unisons(notes: Sequence[Note]) -> list[Note]:
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: note.start):
        if kept and note.start - kept[-1].start < NEAR_SECONDS:
            kept[-1] = Note(kept[-1].start, max(kept[-1].end, note.end), note.pitch, note.velocity)
        else:
            kept.append(note)
    return kept
