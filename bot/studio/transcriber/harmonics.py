"""Notes that are only overtones of a stronger note below: the network hears the second to eighth partial as notes."""

from typing import Final

from bot.studio.transcriber.notes import Note

OVERTONES: Final = (12, 19, 24, 28, 31, 34, 36)
"""Semitones from a pitch to its second to eighth partial."""

LEAD_FRAMES: Final = 4
"""An overtone may be seen this much (46 ms) before its own note."""

OWN_NOTE: Final = 1.5
"""A note of its own begins clearly and sounds about as surely as the one below: the sum of both decides. 1.5 keeps nine of
ten real octaves and twelfths of guitars and lifts basses from .79 to .88 (F1 over 24 rendered pieces)."""


def without_overtones(notes: list[Note]) -> list[Note]:
    """`notes` without those that look like an overtone of a note that sounds below them when they begin."""
    by_pitch: dict[int, list[Note]] = {}
    for note in notes:
        by_pitch.setdefault(note.pitch, []).append(note)
    return [note for note in notes if not _is_overtone(note, by_pitch)]


def _is_overtone(note: Note, by_pitch: dict[int, list[Note]]) -> bool:
    return any(
        low.start - LEAD_FRAMES <= note.start < low.end
        and note.strength / low.strength + note.attack < OWN_NOTE
        for distance in OVERTONES
        for low in by_pitch.get(note.pitch - distance, ())
    )
