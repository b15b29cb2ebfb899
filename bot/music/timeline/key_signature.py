"""A key as a file writes it: how many sharps or flats, and whether it is minor."""

from typing import NamedTuple


class KeySignature(NamedTuple):
    """`sharps` -7..7, below zero flats."""

    sharps: int
    is_minor: bool


_MAJOR_SHARPS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
"""By tonic, C to B: of two spellings the one with fewer signs, and six sharps."""

_MINOR_SHARPS = (-3, 4, -1, -6, 1, -4, 3, -2, 5, 0, -5, 2)


def key_signature(tonic: int, *, is_minor: bool) -> KeySignature:
    """The signature of a key by its tonic's pitch class."""
    return KeySignature((_MINOR_SHARPS if is_minor else _MAJOR_SHARPS)[tonic % 12], is_minor)


def transposed_key(key: KeySignature, semitones: int) -> KeySignature:
    """The signature of the key so many semitones higher; over octaves it is spelled as it was."""
    if semitones % 12 == 0:
        return key
    # Each sharp is a fifth up; a minor tonic lies nine semitones over the major one of its signature.
    tonic = 7 * key.sharps + (9 if key.is_minor else 0) + semitones
    return key_signature(tonic, is_minor=key.is_minor)


_BY_SHARPS = (
    "Cb",
    "Gb",
    "Db",
    "Ab",
    "Eb",
    "Bb",
    "F",
    "C",
    "G",
    "D",
    "A",
    "E",
    "B",
    "F#",
    "C#",
    "G#",
    "D#",
    "A#",
)


def key_name(key: KeySignature) -> str:
    """As mido calls it: "Bb", "F#m"."""
    # The minor key of a signature is three fifths above its major one.
    return _BY_SHARPS[key.sharps + 7 + 3] + "m" if key.is_minor else _BY_SHARPS[key.sharps + 7]
