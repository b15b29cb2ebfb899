"""Notes on strings and frets: of all ways to play a part, the one with the least movement."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from bot.music.columns import np
from bot.music.song import Track

GUITAR, BASS = (64, 59, 55, 50, 45, 40), (43, 38, 33, 28)
"""Open strings as pitches, the highest first."""

_GUITARS, _BASSES = range(24, 32), range(32, 40)
_HIGHEST_FRET = 20
_SPAN = 3
"""Frets that a hand reaches beyond the one that its first finger is at."""
_POSITIONS = range(1, _HIGHEST_FRET - _SPAN + 1)

_LEFT_OUT, _UP_THE_NECK, _FRETTED, _MOVES = 12.0, 0.4, 0.1, 1.0
"""What a note that cannot be played, a fret up the neck, a string that is not open, and a move by a fret cost."""


class Place(NamedTuple):
    """A string, 1 being the highest, and a fret; 0 is the open string."""

    string: int
    fret: int


Fingering: TypeAlias = dict[int, Place]
"""By pitch; what cannot be played with the rest is missing."""


def tuning_of(track: Track) -> tuple[int, ...]:
    """The open strings of a guitar or bass; none of other instruments."""
    if track.is_drums:
        return ()
    return GUITAR if track.program in _GUITARS else BASS if track.program in _BASSES else ()


def fingerings(chords: Sequence[Sequence[int]], tuning: tuple[int, ...]) -> list[Fingering]:
    """How each of the chords is played, in their order."""
    if not chords:
        return []
    known: dict[tuple[int, ...], list[Fingering]] = {}
    ways, costs = [], np.empty((len(chords), len(_POSITIONS)))
    for at, chord in enumerate(chords):
        key = tuple(sorted(set(chord), reverse=True))
        if key not in known:
            known[key] = [_at(key, position, tuning) for position in _POSITIONS]
        ways.append(known[key])
        costs[at] = [_cost(way, key, position) for way, position in zip(known[key], _POSITIONS, strict=True)]
    places = np.arange(len(_POSITIONS))
    moves = _MOVES * np.abs(places[:, None] - places[None, :])
    came, score = np.zeros(costs.shape, np.int64), costs[0]
    for at in range(1, len(costs)):
        reached = score[:, None] + moves
        came[at] = np.argmin(reached, axis=0)
        score = reached[came[at], places] + costs[at]
    place, found = int(np.argmin(score)), []
    for at in range(len(costs) - 1, -1, -1):
        found.append(ways[at][place])
        place = int(came[at, place])
    return found[::-1]


def _at(pitches: tuple[int, ...], position: int, tuning: tuple[int, ...]) -> Fingering:
    """The highest note on the highest string that has it, the next one on a string below."""
    found: Fingering = {}
    free = 0
    for pitch in pitches:
        for string in range(free, len(tuning)):
            fret = pitch - tuning[string]
            if fret == 0 or position <= fret <= position + _SPAN:
                found[pitch] = Place(string + 1, fret)
                free = string + 1
                break
    return found


def _cost(way: Fingering, pitches: tuple[int, ...], position: int) -> float:
    fretted = sum(place.fret > 0 for place in way.values())
    return _LEFT_OUT * (len(pitches) - len(way)) + _UP_THE_NECK * position + _FRETTED * fretted
