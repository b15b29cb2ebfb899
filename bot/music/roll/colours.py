"""The colours of a piano roll, as one palette of 256 entries."""

from typing import NamedTuple, TypeAlias

Rgb: TypeAlias = tuple[int, int, int]


class Hue(NamedTuple):
    """A colour at full velocity, and its name in words."""

    name: str
    rgb: Rgb


HUES = (
    Hue("blue", (88, 166, 255)),
    Hue("orange", (255, 158, 44)),
    Hue("green", (52, 211, 153)),
    Hue("pink", (255, 112, 176)),
    Hue("yellow", (240, 216, 80)),
    Hue("violet", (176, 140, 255)),
    Hue("red", (255, 104, 84)),
    Hue("cyan", (64, 216, 240)),
    Hue("lime", (164, 220, 72)),
    Hue("magenta", (224, 120, 240)),
    Hue("brown", (208, 156, 104)),
    Hue("steel blue", (144, 168, 208)),
)
"""Twelve of middle lightness. Neighbours differ in blue against yellow as well as in red against green, so that
the first five stay apart for the colour-blind; a thirteenth instrument begins again."""

DRUM_HUE = Hue("grey", (204, 204, 200))
"""Drums have a lane of their own, so they spend none of the twelve."""

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


def palette() -> bytes:
    """The palette as bytes: red, green and blue of each entry."""
    entries: list[Rgb] = [(0, 0, 0)] * 256
    entries[: len(_SURFACES)] = _SURFACES
    for first, text in _TEXTS.items():
        for shade in range(SHADES):
            entries[first + shade] = _mixed(text, (shade + 1) / SHADES)
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
