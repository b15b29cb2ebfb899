"""Ten songs that MIDI programs stumble over, as answers of the service."""

from typing import Any

from tests.music.payloads import note


def _instrument(name: str, *notes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "notes": list(notes)}


def _steps(name: str, pitches: range, *, seconds: float = 0.5) -> dict[str, Any]:
    return _instrument(name, *(note(p, at * seconds, (at + 1) * seconds) for at, p in enumerate(pitches)))


DIFFICULT: dict[str, list[dict[str, Any]]] = {
    "overlaps of one pitch": [_instrument("Flute", *(note(72, at / 2, at / 2 + 2) for at in range(16)))],
    "equal starts": [_instrument("Acoustic Grand Piano", *(note(60 + at // 2, 0, 1 + at) for at in range(12)))],
    "repeats without a gap": [_instrument("Trumpet", *(note(65, at / 4, at / 4 + 0.25) for at in range(32)))],
    "no lengths": [
        _instrument("Drums", *(note(36, at, at) for at in range(16))),
        _instrument("Violin", *(note(70 + at, at, at) for at in range(8))),
    ],
    "twenty parts": [_steps(name, range(50 + at, 62 + at)) for at, name in enumerate((
        "Flute", "Oboe", "Clarinet", "Bassoon", "French Horn", "Trumpet", "Trombone", "Tuba", "Timpani", "Harp",
        "Violin", "Viola", "Cello", "Contrabass", "Choir", "Celesta", "Piccolo", "Koto", "Sitar", "Banjo"))],
    "names in many scripts": [
        _steps("三味線", range(60, 68)), _steps("Ночь\u202e\x07", range(50, 58)), _steps("=1+1 \ud83d\ude00", range(70, 78)),
    ],
    "the whole keyboard": [_steps("Acoustic Grand Piano", range(128), seconds=0.25)],
    "soft and loud": [_instrument("Cello", *(note(48 + at, at / 2, at / 2 + 0.5, at / 24) for at in range(25)))],
    "an hour of silence": [_instrument("Flute", note(60, 0, 1), note(62, 3600, 3601))],
    "drums that are no kit": [_instrument("Drums", *(note(at, at / 4, at / 4 + 0.2) for at in range(128)))],
}  # fmt: skip
