"""What the stand-in remembers: tasks, uploads, requests, and who was charged what."""

import uuid
from dataclasses import dataclass, field
from typing import Any

PRICES = {"separate_vocal": 10.0, "split_stem": 50.0, "split_stem_advanced": 20.0}

FLAT_URLS = {
    "Vocals": "vocal",
    "Backing Vocals": "backingVocals",
    "Instrumental": "instrumental",
    "Drums": "drums",
    "Bass": "bass",
    "Guitar": "guitar",
    "Piano": "piano",
    "Keyboard": "keyboard",
    "Percussion": "percussion",
    "Strings": "strings",
    "Synth": "synth",
    "FX": "fx",
    "Brass": "brass",
    "Woodwinds": "woodwinds",
}
"""A stem's name and the beginning of its flat address's name in the record."""

STEMS = {
    "separate_vocal": ("Vocals", "Instrumental"),
    "split_stem": tuple(name for name in FLAT_URLS if name not in {"Instrumental", "Piano"}),
}

SONG: dict[str, Any] = {
    "state": "complete",
    "instruments": [
        {
            "name": "Acoustic Grand Piano",
            "notes": [
                {"pitch": 60, "start": 0.0, "end": 0.5, "velocity": 0.49606299212598426},
                {"pitch": 64, "start": "0.5", "end": 1.0, "velocity": 1},
            ],
        },
        {
            "name": "Drums",
            "notes": [{"pitch": 73, "start": 0.25, "end": "0.3125", "velocity": 0.7874015748031497}],
        },
        {"name": "Electric Bass (finger)", "notes": []},
    ],
}
"""Times of the documented kind: numbers and strings mixed, on a grid of 1/192 s."""


@dataclass(slots=True)
class Stem:
    """One stem of a finished separation."""

    name: str
    url: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Track:
    """One track of a finished music task."""

    title: str
    seconds: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Task:
    """A separation, a MIDI task or a music task; `state` is pending, done or failed."""

    kind: str
    callback_url: str
    type: str = "separate_vocal"
    audio_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: str = "pending"
    stems: list[Stem] = field(default_factory=list)
    cost: float | None = None
    tracks: list[Track] = field(default_factory=list)
    notes: Any = None
    error_code: int | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; `call` is the name of the route, `body` its JSON or the names of its form fields."""

    call: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Sent:
    """A callback as it was sent, and how the receiver answered; status 0 is no answer."""

    task_id: str
    url: str
    body: str
    headers: dict[str, str]
    status: int
