"""Where each piece of a drum kit stands on its staff, and with which head."""

from typing import NamedTuple


class Piece(NamedTuple):
    """A line or space as a letter and octave of the treble clef, the head by MusicXML's name, and whether a foot plays it."""

    step: str
    octave: int
    head: str = "normal"
    by_foot: bool = False


_CROSS = "x"

PIECES = {
    35: Piece("E", 4, by_foot=True), 36: Piece("F", 4, by_foot=True), 44: Piece("D", 4, _CROSS, by_foot=True),
    37: Piece("C", 5, _CROSS), 38: Piece("C", 5), 39: Piece("C", 5, "slash"), 40: Piece("C", 5),
    41: Piece("G", 4), 43: Piece("A", 4), 45: Piece("B", 4), 47: Piece("D", 5), 48: Piece("E", 5), 50: Piece("F", 5),
    42: Piece("G", 5, _CROSS), 46: Piece("G", 5, "circle-x"), 49: Piece("A", 5, _CROSS), 57: Piece("B", 5, _CROSS),
    52: Piece("B", 5, "circle-x"), 55: Piece("B", 5, "diamond"), 51: Piece("F", 5, _CROSS), 59: Piece("F", 5, _CROSS),
    53: Piece("F", 5, "diamond"), 54: Piece("D", 5, _CROSS), 56: Piece("E", 5, "triangle"), 69: Piece("A", 5, "diamond"),
    70: Piece("B", 4, _CROSS),
}  # fmt: skip
_ANY = Piece("E", 5, "diamond")


def piece(pitch: int) -> Piece:
    """How a General MIDI drum is written."""
    return PIECES.get(pitch, _ANY)
