"""Made-up answers of the service, of any size, from a seed: times in 1/192 s, three in ten as strings."""

import json
import random
from typing import Any

INSTRUMENTS = {
    "Drums": (36, 38, 42, 46, 49),
    "Electric Bass (finger)": tuple(range(28, 48)),
    "Acoustic Grand Piano": tuple(range(40, 90)),
    "Flute": tuple(range(60, 90)),
}


def answer(notes: int, seed: int = 1) -> bytes:
    """A `midiData` of this many notes in four instruments, none of which needs a repair."""
    rng = random.Random(seed)  # noqa: S311  # a made-up song is no secret
    made = [
        {"name": name, "notes": _notes(notes // len(INSTRUMENTS), pitches, rng)}
        for name, pitches in INSTRUMENTS.items()
    ]
    return json.dumps({"state": "complete", "instruments": made}).encode()


def _notes(count: int, pitches: tuple[int, ...], rng: random.Random) -> list[dict[str, Any]]:
    """Chords of one to four notes a few sixteenths apart; a pitch begins again only after its end."""
    notes: list[dict[str, Any]] = []
    free_at = dict.fromkeys(pitches, 0)
    at = 0
    while len(notes) < count:
        at += rng.randrange(6, 60)
        free = [pitch for pitch in pitches if free_at[pitch] <= at]
        for pitch in rng.sample(free, min(len(free), rng.randrange(1, 5), count - len(notes))):
            end = at + rng.randrange(4, 150)
            free_at[pitch] = end
            velocity = rng.randrange(30, 128) / 127
            notes.append(
                {"pitch": pitch, "start": _time(at, rng), "end": _time(end, rng), "velocity": velocity}
            )
    return notes


def _time(steps: int, rng: random.Random) -> float | str:
    seconds = steps / 192
    return str(seconds) if rng.random() < 0.3 else seconds
