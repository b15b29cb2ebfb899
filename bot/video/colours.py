"""The roll's palette with what only moves in a video: lit and past notes, keys, the line."""

from bot.music.columns import NDArray, np
from bot.music.roll.colours import DRUM_HUE, DRUMS, HUES, Rgb, note_colour, palette

_HUES = (*HUES, DRUM_HUE)
_FIRST_LIT = note_colour(DRUMS) + 1
_FIRST_PAST = _FIRST_LIT + len(_HUES)
_FIRST_OTHER = _FIRST_PAST + len(_HUES)

WHITE_KEY, BLACK_KEY, KEY_EDGE, LINE, BAR_LINE, ELAPSED = range(_FIRST_OTHER, _FIRST_OTHER + 6)
_OTHERS: tuple[Rgb, ...] = (
    (222, 224, 228),
    (24, 25, 28),
    (150, 154, 162),
    (250, 250, 252),
    (70, 74, 82),
    (176, 180, 188),
)

_LIT_WHITE = 0.5
"""Of white in a lit note: the hue is still told, and no loud note that waits is as light."""

_PAST_LIGHT, _PAST_GROUND = 0.4, (38, 40, 45)
"""Of its own light in a note that is over."""


def lit(hue: int) -> int:
    """The palette's entry for a note that sounds."""
    return _FIRST_LIT + hue


def past(hue: int) -> int:
    """The palette's entry for a note that is over."""
    return _FIRST_PAST + hue


def argb() -> "NDArray[np.uint8]":
    """The 256 entries, each as alpha, red, green and blue."""
    entries = np.full((256, 4), 255, np.uint8)
    entries[:, 1:] = np.frombuffer(palette(), np.uint8).reshape(256, 3)
    for place, hue in enumerate(_HUES):
        entries[lit(place), 1:] = _mixed((255, 255, 255), hue.rgb, _LIT_WHITE)
        entries[past(place), 1:] = _mixed(hue.rgb, _PAST_GROUND, _PAST_LIGHT)
    entries[_FIRST_OTHER : _FIRST_OTHER + len(_OTHERS), 1:] = _OTHERS
    return entries


def _mixed(colour: Rgb, ground: Rgb, share: float) -> "NDArray[np.uint8]":
    mixed = np.array(ground) * (1 - share) + np.array(colour) * share
    return np.rint(mixed).astype(np.uint8)
