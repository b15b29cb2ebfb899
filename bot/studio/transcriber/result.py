"""What was heard, in kie's shape: `{"state", "instruments": [{"name", "notes": [{pitch, start, end, velocity}]}]}`."""

from typing import Any, Final

from bot.studio.transcriber.heard import Heard, Played
from bot.studio.transcriber.kit import Hit

STEPS_A_SECOND: Final = 192
"""kie's times are whole multiples of 1/192 s; at 120 BPM and 480 ticks a quarter that is five ticks."""

STROKE_SECONDS: Final = 0.1
"""A drum has no length; this is long enough to be seen in a piano roll."""


Written = list[dict[str, Any]]


def of(
    instruments: dict[str, Written], heard: Heard | None = None, *, has_melody: bool = False
) -> dict[str, Any]:
    """The whole result; what has no notes is no instrument. Beside kie's fields stands what a person should know of the recording."""
    found = [{"name": name, "notes": notes} for name, notes in instruments.items() if notes]
    whole: dict[str, Any] = {"state": "complete", "instruments": found}
    if heard and heard.tuning_cents:
        whole["tuning_cents"] = heard.tuning_cents
    counts = {"cut_recordings": bool(heard and heard.is_cut), "melodies_in_drums": has_melody}
    if any(counts.values()):
        whole["report"] = {name: 1 for name, is_so in counts.items() if is_so}
    return whole


def from_notes(notes: list[Played]) -> Written:
    """Pitched notes."""
    return [_note(note.pitch, note.start, note.end, note.velocity) for note in notes]


def from_hits(hits: list[Hit]) -> Written:
    """Strokes."""
    return [_note(h.pitch, h.seconds, h.seconds + STROKE_SECONDS, h.strength) for h in hits]


def _note(pitch: int, start: float, end: float, velocity: float) -> dict[str, Any]:
    first = round(start * STEPS_A_SECOND)
    last = max(first + 1, round(end * STEPS_A_SECOND))
    return {
        "pitch": pitch,
        "start": first / STEPS_A_SECOND,
        "end": last / STEPS_A_SECOND,
        "velocity": max(1, min(127, round(velocity * 127))) / 127,
    }
