"""The slow way through a studio's answer: anything that is JSON gives rows of numbers, and counts of the rest."""

import json
from contextlib import suppress
from math import isfinite
from typing import Any

import msgspec

from bot.errors import NotesError
from bot.loose_json import mended, number
from bot.music.report import Report
from bot.music.stored import StoredInstrument
from bot.nesting import is_too_deep

MAX_VALUES = 3_000_000
"""Values in one body, by their commas and brackets. A song at the byte limit has 2 million; untyped, a value
costs up to 80 bytes, and 32 MB of "[[],[],..." would become a gigabyte."""

MAX_WRAPPINGS = 2
"""How often JSON may come inside a JSON string; the jobs API does it once."""

MIDDLE_VELOCITY = 80 / 127
"""Mezzo-forte, for a note without a velocity."""

_BROKEN = float("nan")

Row = tuple[float, float, float, float]
"""Pitch, start seconds, end seconds, velocity; NaN where there was no number."""


class Instruments(msgspec.Struct):
    """What was found: the instruments, how many rows each has, and the rows of all of them one after another."""

    instruments: list[StoredInstrument] = msgspec.field(default_factory=list)
    sizes: list[int] = msgspec.field(default_factory=list)
    rows: list[Row] = msgspec.field(default_factory=list)
    malformed_notes: int = 0
    malformed_instruments: int = 0
    velocities_guessed: int = 0

    def report(self) -> Report:
        """What was left out or filled in so far."""
        return Report(
            malformed_notes=self.malformed_notes,
            malformed_instruments=self.malformed_instruments,
            velocities_guessed=self.velocities_guessed,
        )

    def add(self, instrument: Any) -> None:
        """Take over one entry of the list of instruments."""
        if not isinstance(instrument, dict):
            self.malformed_instruments += 1
            return
        name, notes = instrument.get("name"), instrument.get("notes")
        if notes is not None and not isinstance(notes, list):
            self.malformed_instruments += 1
            return
        before = len(self.rows)
        for note in notes or []:
            self._add_note(note)
        self.instruments.append(StoredInstrument(name=name if isinstance(name, str) else ""))
        self.sizes.append(len(self.rows) - before)

    def _add_note(self, note: Any) -> None:
        if not isinstance(note, dict):
            self.malformed_notes += 1
            return
        pitch, start, end, velocity = (
            _number(note.get(key)) for key in ("pitch", "start", "end", "velocity")
        )
        if not isfinite(velocity):
            # How loud it was is the least that a note has to say.
            self.velocities_guessed += 1
            velocity = MIDDLE_VELOCITY
        self.rows.append((pitch, start, end, velocity))


def instruments(body: bytes) -> Instruments:
    """Everything in `body` that has the form of instruments.

    Raises:
        NotesError: not JSON, nested or filled beyond reason, or neither an object, nor a list, nor nothing.
    """
    found = Instruments()
    for instrument in _listed(_unwrapped(body)):
        found.add(instrument)
    return found


def _unwrapped(body: bytes) -> Any:
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise NotesError(f"more than {MAX_VALUES} values in the notes")
    data: Any = body
    for _ in range(MAX_WRAPPINGS + 1):
        if not data.strip():
            return None
        data = _decoded(data)
        if not isinstance(data, str):
            return data
    raise NotesError("JSON inside strings inside strings")


def _decoded(text: bytes | str) -> Any:
    with suppress(ValueError):
        return _loaded(text)
    try:
        return _loaded(mended(text.encode("utf-8", "replace") if isinstance(text, str) else text))
    except ValueError as error:
        raise NotesError(f"notes are not JSON: {type(error).__name__}") from error


def _loaded(text: bytes | str) -> Any:
    # Looked at each time: where mending took a string without an end away, what was inside of strings is outside.
    if is_too_deep(text):
        raise NotesError("notes that are nested too deeply")
    # The standard library's reader also takes NaN, Infinity and endless digits; `float` for whole numbers keeps
    # those from being an error. They fail later, one note at a time.
    return json.loads(text, parse_int=float)


def _listed(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = data.get("instruments")
    if data is None:
        return []
    if not isinstance(data, list):
        raise NotesError(f"notes are a JSON {type(data).__name__}")
    return data


def _number(value: Any) -> float:
    """The number that `value` is or spells; NaN for everything else, True included."""
    if isinstance(value, float):  # whole numbers came as float too
        return value
    spelt = number(value) if isinstance(value, str) else None
    return _BROKEN if spelt is None else spelt
