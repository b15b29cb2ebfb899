"""How General MIDI's instruments are written: on which staves and clefs, and how far from where they sound."""

import msgspec

from bot.music.columns import np
from bot.music.song import Track

_TRANSPOSED = {
    **dict.fromkeys(range(24, 32), 12), **dict.fromkeys(range(32, 40), 12), 43: 12,
    56: 2, 60: 7, 64: 2, 65: 9, 66: 14, 67: 21, 69: 7, 71: 2, 72: -12, 9: -24, 10: -24, 13: -12, 8: -12, 78: -12,
}  # fmt: skip
"""By program: semitones that it is written above where it sounds. Trumpet and clarinet are in B♭, the saxophones in B♭ and E♭, horns in F."""

_SIGNS = {2: 2, 14: 2, 9: 3, 21: 3, 7: 1}
"""Sharps that the key has more of when it is written so far up; octaves change none."""

_KEYBOARDS = frozenset({*range(8), *range(16, 24), 46, 8, 10, 11, 12})
_GUITARS, _BASSES = range(24, 32), range(32, 40)
_MIDDLE_C = 60
_FAR_BELOW, _FAR_ABOVE = 48, 72
"""What sounds beyond both belongs on two staves, whatever it is."""
_FEW = 0.04
"""Of the notes: so few beyond a staff are written with ledger lines."""


class Clef(msgspec.Struct, frozen=True):
    """By MusicXML: sign and line, and octaves that it is read above (below zero under) what it says."""

    sign: str
    line: int
    octaves: int = 0


TREBLE, BASS, PERCUSSION = Clef("G", 2), Clef("F", 4), Clef("percussion", 2)
_GUITAR = Clef("G", 2, -1)
_BASS_GUITAR = Clef("F", 4)


class Writing(msgspec.Struct, frozen=True):
    """How a track is written."""

    clefs: tuple[Clef, ...]
    transposed: int = 0
    """Semitones that its notes are written above where they sound, besides what the clef says."""

    @property
    def signs(self) -> int:
        """Sharps that its key has more of."""
        return _SIGNS.get(self.transposed, 0)


_ONE_BY_ONE = frozenset({*_BASSES, *range(56, 88)})
"""Basses, winds and lead sounds."""


def plays_one_by_one(program: int) -> bool:
    """Whether what overlaps was heard too long rather than held."""
    return program in _ONE_BY_ONE


def writing_of(track: Track) -> Writing:
    """By its program and by where its notes are."""
    if track.is_drums:
        return Writing((PERCUSSION,))
    if track.program in _GUITARS:
        return Writing((_GUITAR,))
    if track.program in _BASSES:
        return Writing((_BASS_GUITAR,), 12)
    up = _TRANSPOSED.get(track.program, 0)
    pitch = track.pitch.astype(np.int64)
    below, above = float((pitch < _FAR_BELOW).mean()), float((pitch > _FAR_ABOVE).mean())
    if track.program in _KEYBOARDS:
        low, high = float((pitch < _MIDDLE_C).mean()), float((pitch >= _MIDDLE_C).mean())
        if min(low, high) > _FEW:
            return Writing((TREBLE, BASS), up)
    elif min(below, above) > _FEW:
        return Writing((TREBLE, BASS), up)
    return Writing((TREBLE if float(np.median(pitch)) + up >= _MIDDLE_C else BASS,), up)
