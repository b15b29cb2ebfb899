"""The pitched notes of a band as two tracks: the bass, and all that nobody can name for sure."""

from typing import Final

from bot.studio.transcriber.heard import Played

BASS: Final = "Bass"
REST: Final = "Keys and others"
DRUMS: Final = "Drums"

HIGHEST_BASS: Final = 50
"""The D below middle C: a bass guitar's fourteenth fret on its third string."""

TOGETHER_SECONDS: Final = 0.046
"""What begins within four of the network's frames begins at once."""


def parted(notes: list[Played]) -> dict[str, list[Played]]:
    """`BASS` has the lowest note that sounds, where that is low enough, `REST` all others. `notes` are in order of start."""
    bass: list[Played] = []
    rest: list[Played] = []
    sounding: list[Played] = []
    for place, note in enumerate(notes):
        sounding = [other for other in sounding if other.end > note.start]
        sounding.append(note)
        begun = _begun_with(notes, place)
        lowest = min(other.pitch for other in [*sounding, *begun])
        (bass if note.pitch == lowest and note.pitch <= HIGHEST_BASS else rest).append(note)
    return {BASS: bass, REST: rest}


def _begun_with(notes: list[Played], place: int) -> list[Played]:
    """Those after `place` that begin with it."""
    found = []
    for other in notes[place + 1 :]:
        if other.start > notes[place].start + TOGETHER_SECONDS:
            break
        found.append(other)
    return found
