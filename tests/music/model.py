"""The rules of a playable file, note by note in plain Python: what the tests hold the fast columns against."""

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.music.readers import ReadNote

SECONDS_A_TICK = 0.5 / 480
"""At 120 BPM."""


@dataclass
class Entry:
    """A note on its way: which instrument, where, how long, how loud."""

    instrument: int
    start: int
    end: int
    pitch: int
    velocity: int


def asked(instruments: list[dict[str, Any]], drums: set[int]) -> dict[int, tuple[ReadNote, ...]]:
    """What a file must hold, by the index of the instrument; those without notes are absent.

    `drums` are the instruments that play the kit; the others have a channel each.
    """
    entries = [
        entry
        for index, instrument in enumerate(instruments)
        for note in instrument["notes"]
        if (entry := _entry(index, note, is_drums=index in drums))
    ]
    lanes: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        lanes[-1 if entry.instrument in drums else entry.instrument, entry.pitch].append(entry)
    result: defaultdict[int, list[ReadNote]] = defaultdict(list)
    for lane in lanes.values():
        for entry in _one_at_a_time(lane):
            result[entry.instrument].append(ReadNote(entry.start, entry.end, entry.pitch, entry.velocity))
    return {index: tuple(sorted(notes, key=lambda n: (n.start, n.pitch))) for index, notes in result.items()}


def _one_at_a_time(lane: list[Entry]) -> list[Entry]:
    kept: dict[int, Entry] = {}
    for entry in sorted(lane, key=lambda e: (e.start, e.instrument)):
        first = kept.setdefault(entry.start, entry)
        first.end = max(first.end, entry.end)
        first.velocity = max(first.velocity, entry.velocity)
    ordered = list(kept.values())
    for earlier, later in pairwise(ordered):
        earlier.end = min(earlier.end, later.start)
    return ordered


def _entry(index: int, note: Any, *, is_drums: bool) -> Entry | None:
    if not isinstance(note, dict):
        return None
    velocity = note.get("velocity")
    values = [note.get(key) for key in ("pitch", "start", "end")]
    pitch, start, end = numbers = [number(value) for value in values]
    if not all(map(math.isfinite, numbers)):
        return None
    loud = number(velocity)
    if not math.isfinite(loud):
        loud = 80 / 127
    if pitch != int(pitch) or not 0 <= pitch <= 127 or not 0 <= start <= end <= 21600:
        return None
    start_tick, end_tick = round(start / SECONDS_A_TICK), round(end / SECONDS_A_TICK)
    if end_tick <= start_tick:
        end_tick = start_tick + (48 if is_drums else 1)
    return Entry(
        index, start_tick, end_tick, int(pitch), min(127, max(1, round(loud if loud > 1 else loud * 127)))
    )


def number(value: Any) -> float:
    """The number that a JSON value is or spells, else NaN."""
    if isinstance(value, bool):
        return math.nan
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", value.strip()):
        return float(value)
    return math.nan
