"""What was heard, in kie's shape: `{"state", "instruments": [{"name", "notes": [{pitch, start, end, velocity}]}]}`."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.drums import Hit
from bot.studio.transcriber.model import seconds_of
from bot.studio.transcriber.notes import Note

STEPS_A_SECOND: Final = 192
"""kie's times are whole multiples of 1/192 s; at 120 BPM and 480 ticks a quarter that is five ticks."""

STROKE_SECONDS: Final = 0.1
"""A drum has no length; this is long enough to be seen in a piano roll."""


def from_notes(name: str, notes: list[Note], velocities: NDArray[np.float64]) -> dict[str, Any]:
    """Pitched notes and their velocities (0..1) as one instrument; with none, no instrument."""
    starts = seconds_of(np.array([note.start for note in notes], np.int64))
    ends = seconds_of(np.array([note.end for note in notes], np.int64))
    written = [
        _note(note.pitch, start, end, velocity)
        for note, start, end, velocity in zip(
            notes, starts.tolist(), ends.tolist(), velocities.tolist(), strict=True
        )
    ]
    return _result(name, written)


def from_hits(name: str, hits: list[Hit]) -> dict[str, Any]:
    """Strokes as one instrument."""
    return _result(name, [_note(h.pitch, h.seconds, h.seconds + STROKE_SECONDS, h.strength) for h in hits])


def _result(name: str, notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"state": "complete", "instruments": [{"name": name, "notes": notes}] if notes else []}


def _note(pitch: int, start: float, end: float, velocity: float) -> dict[str, Any]:
    first = round(start * STEPS_A_SECOND)
    last = max(first + 1, round(end * STEPS_A_SECOND))
    return {
        "pitch": pitch,
        "start": first / STEPS_A_SECOND,
        "end": last / STEPS_A_SECOND,
        "velocity": max(1, min(127, round(velocity * 127))) / 127,
    }
