"""The names of chords above the roll: they come with their notes, and the one that sounds stays at the line."""

from functools import cache

from bot.music.columns import NDArray, np
from bot.music.roll import colours
from bot.music.roll.canvas import Canvas, text_width
from bot.video import places as at
from bot.video.shot import NamedChord

_GAP = 14


def draw(frame: "NDArray[np.uint8]", chords: tuple[NamedChord, ...], seconds: float, bottom: int) -> None:
    """Write above the height `bottom` what sounds `seconds` into the song, and what comes."""
    free = at.LINE
    for chord in chords:
        if chord.end_seconds <= seconds:
            continue
        x = at.LINE + round((chord.start_seconds - seconds) * at.PIXELS_PER_SECOND)
        if x >= at.WIDTH:
            break
        sounds = chord.start_seconds <= seconds
        x = max(x, at.LINE)
        if x < free:
            continue
        name = _written(chord.name, colours.TEXT if sounds else colours.FAINT_TEXT)
        name = name[:, : at.WIDTH - x]
        frame[bottom - at.CHORDS_HEIGHT : bottom, x : x + name.shape[1]] = name
        free = x + name.shape[1] + _GAP


@cache
def _written(name: str, colour: int) -> "NDArray[np.uint8]":
    width = text_width(name, at.CHORD_SIZE) + 2
    drawn = Canvas(np.full((at.CHORDS_HEIGHT, width), colours.GROUND, np.uint8))
    drawn.write(name, 0, at.CHORDS_HEIGHT // 2 - 1, size=at.CHORD_SIZE, colour=colour)
    return drawn.pixels
