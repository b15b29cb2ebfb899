"""The colours of a piano roll, as one palette of 256 entries."""

from functools import cache
from typing import NamedTuple, TypeAlias

from bot.language import text
from bot.music.columns import Bytes, Ints, np

Rgb: TypeAlias = tuple[int, int, int]


class Hue(NamedTuple):
    """A colour at full velocity, and its name in words."""

    name: str
    rgb: Rgb


HUES = (
    Hue(text("blue"), (88, 166, 255)),
    Hue(text("orange"), (238, 92, 34)),
    Hue(text("lime"), (212, 248, 20)),
    Hue(text("cyan"), (98, 234, 253)),
    Hue(text("violet"), (176, 20, 248)),
    Hue(text("indigo"), (128, 104, 188)),
    Hue(text("dark green"), (44, 140, 104)),
    Hue(text("green"), (44, 212, 128)),
    Hue(text("olive"), (164, 188, 20)),
    Hue(text("mint"), (188, 248, 176)),
    Hue(text("magenta"), (248, 44, 224)),
    Hue(text("rose"), (204, 96, 168)),
    Hue(text("brown"), (188, 152, 92)),
    Hue(text("yellow"), (253, 208, 90)),
    Hue(text("pink"), (224, 164, 224)),
    Hue(text("teal"), (116, 176, 176)),
)
"""Sixteen, ordered so that as many as a song has stay apart for the colour-blind too: by Machado's matrices and Oklab, the
first four by 0.09, seven by 0.07, all by 0.04 (0.02 is just seen), and for other eyes all by 0.1. A seventeenth
instrument begins again."""

DRUM_HUE = Hue(text("grey"), (204, 204, 200))
"""Drums have a lane of their own, so they spend none of the sixteen."""

LEVELS = 8
"""Steps of velocity: 16 to a step, which is as fine as an eye tells apart in a note of a few pixels."""

_FAINTEST = 0.46
"""The part of its light that the quietest note keeps: below, hues look alike on the dark ground."""

GROUND, PLOT, BLACK_KEYS, TIME_LINE, OCTAVE_LINE = range(5)
_SURFACES: tuple[Rgb, ...] = ((30, 31, 34), (38, 40, 45), (33, 34, 38), (52, 55, 61), (76, 80, 88))

SHADES = 8
"""Steps between ground and text, which smooth the edges of letters."""

TEXT, FAINT_TEXT = 16, 24
_TEXTS: dict[int, Rgb] = {TEXT: (242, 243, 245), FAINT_TEXT: (176, 180, 188)}

_FIRST_HUE = 32


def note_colour(hue: int, level: int = LEVELS - 1) -> int:
    """The palette's entry for a hue (its place in `HUES`, or `DRUMS`) at a level of velocity."""
    return _FIRST_HUE + hue * LEVELS + level


DRUMS = len(HUES)


def entries_of(hue: int, velocity: Bytes) -> Ints:
    """The palette's entries for notes of a hue by how loud they are."""
    return note_colour(hue, 0) + velocity.astype(np.int64) * LEVELS // 128


@cache
def palette() -> bytes:
    """The palette as bytes: red, green and blue of each entry."""
    entries: list[Rgb] = [(0, 0, 0)] * 256
    entries[: len(_SURFACES)] = _SURFACES
    for first, colour in _TEXTS.items():
        for shade in range(SHADES):
            entries[first + shade] = _mixed(colour, (shade + 1) / SHADES)
    for place, hue in enumerate((*HUES, DRUM_HUE)):
        for level in range(LEVELS):
            light = _FAINTEST + (1 - _FAINTEST) * level / (LEVELS - 1)
            entries[note_colour(place, level)] = _mixed(hue.rgb, light)
    return bytes(part for entry in entries for part in entry)


def _mixed(colour: Rgb, share: float) -> Rgb:
    """`share` of a colour, the rest being ground."""
    red, green, blue = (
        round(ground + (part - ground) * share)
        for part, ground in zip(colour, _SURFACES[GROUND], strict=True)
    )
    return red, green, blue
