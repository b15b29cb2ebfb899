"""Notes that are only overtones of a stronger note below: the network hears the second to eighth partial as notes."""

from typing import Final

from bot.studio.transcriber.notes import Note

OVERTONES: Final = (12, 19, 24, 28, 31, 34, 36)
"""Semitones from a pitch to its second to eighth partial."""

LEAD_FRAMES: Final = 4
"""An overtone may be seen this much (46 ms) before its own note."""


def without_overtones(notes: list[Note]) -> list[Note]:
    """`notes` without those that begin while a stronger note an overtone's distance below sounds."""
    by_pitch: dict[int, list[Note]] = {}
    for note in notes:
        by_pitch.setdefault(note.pitch, []).append(note)
    return [note for note in notes if not _is_overtone(note, by_pitch)]


def _is_overtone(note: Note, by_pitch: dict[int, list[Note]]) -> bool:
    return any(
        low.start - LEAD_FRAMES <= note.start < low.end and low.strength > note.strength
        for distance in OVERTONES
        for low in by_pitch.get(note.pitch - distance, ())
    )
