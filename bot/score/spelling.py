"""Pitches -> written notes: by the key, and where the key has not got them, by where the melody goes."""

from collections.abc import Sequence
from typing import NamedTuple

_LETTERS = "FCGDAEB"
_STEPS = "CDEFGAB"
_NATURALS = (0, 2, 4, 5, 7, 9, 11)

_BELOW, _ABOVE = 3, 8
"""Fifths: in C from E♭ to G♯, in A minor, a third of a circle sharper, from C to E♯ less two."""

_FLATTEST, _SHARPEST = -8, 12
"""F♭ to E♯ and one each beyond: no sign is doubled but in keys of six."""


class Spelled(NamedTuple):
    """A note's letter, its sign (-1 flat, 1 sharp) and its octave; C4 is middle C."""

    step: str
    alter: int
    octave: int


def spell(pitches: Sequence[int], sharps: int, *, is_minor: bool) -> list[Spelled]:
    """The notes of one voice in their order, in a key of so many sharps (below zero flats)."""
    lowest = sharps - _BELOW + is_minor
    scale = {(sharps + step) * 7 % 12 for step in range(-1, 6)}
    found = []
    for at, pitch in enumerate(pitches):
        fifths = lowest + (pitch * 7 - lowest) % 12
        if pitch % 12 not in scale and not (is_minor and (pitch - 7 * (sharps + 8)) % 12 == 0):
            fifths = _by_melody(fifths, pitches[max(at - 1, 0) : at + 2], pitch)
        found.append(_note(fifths, pitch))
    return found


def _by_melody(fifths: int, around: Sequence[int], pitch: int) -> int:
    """A sharp leads up by a semitone, a flat down, where it was come to by a step."""
    before, after = around[0], around[-1]
    if after == pitch + 1 and fifths + 12 <= _SHARPEST and _sign(fifths) < 0:
        return fifths + 12
    is_step = 0 < abs(before - pitch) <= 2
    if after == pitch - 1 and is_step and fifths - 12 >= _FLATTEST and _sign(fifths) > 0:
        return fifths - 12
    return fifths


def _sign(fifths: int) -> int:
    return (fifths + 1) // 7


def _note(fifths: int, pitch: int) -> Spelled:
    step, alter = _LETTERS[(fifths + 1) % 7], _sign(fifths)
    octave = (pitch - alter - _NATURALS[_STEPS.index(step)]) // 12 - 1
    return Spelled(step, alter, octave)


def key_alter(step: str, sharps: int) -> int:
    """The sign that the key signature gives a letter."""
    place = _LETTERS.index(step)
    if sharps > 0:
        return int(place < sharps)
    return -int(place >= 7 + sharps)
