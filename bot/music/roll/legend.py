"""The legend: which colour is which instrument."""

from collections.abc import Sequence

import msgspec

from bot.language import Language, text
from bot.music.roll.canvas import WIDTH, Canvas, text_width
from bot.music.roll.colours import DRUMS, HUES, TEXT, note_colour
from bot.music.roll.labels import drawable, lettered, told_apart
from bot.music.song import Song

SIZE = 40
"""A third of it, 13 pixels, is left on a phone."""
LINE_HEIGHT = 50
MARGIN = 24
_MOST_ENTRIES = 32
"""More never fit; a thousand instruments need not be tried one less at a time."""


class Measures(msgspec.Struct, frozen=True):
    """How large a legend is, in pixels."""

    width: int = WIDTH
    size: int = SIZE
    swatch: int = 30
    swatch_gap: int = 12
    line_height: int = LINE_HEIGHT
    margin: int = MARGIN
    entry_gap: int = 32
    fittings: tuple[tuple[int, int], ...] = ((32, 2), (22, 3), (14, 3), (11, 4), (9, 4))
    """Characters of a name, and lines in all: the first in which all fits is taken, and where none does the smallest parts go."""


_ROLL = Measures()


class LegendEntry(msgspec.Struct, frozen=True):
    """What the picture shows in one colour: an instrument, or all drums together."""

    name: str
    """As the song has it."""
    label: str
    """As the picture can write it."""
    hue: int
    notes: int


class Entry(msgspec.Struct, frozen=True):
    """A part's place in the legend."""

    x: int
    line: int
    text: str
    hue: int | None
    """None for "+3 more"."""


def hues(song: Song) -> tuple[int, ...]:
    """The hue of each track: drums have theirs; the others take turns, whoever has most notes first."""
    melodic = [index for index, track in enumerate(song.tracks) if not track.is_drums]
    by_size = sorted(melodic, key=lambda index: -len(song.tracks[index]))
    turns = {index: turn % len(HUES) for turn, index in enumerate(by_size)}
    return tuple(turns.get(index, DRUMS) for index in range(len(song.tracks)))


def parts(song: Song, say: Language, colours: Sequence[int] | None = None) -> list[LegendEntry]:
    """The parts with notes, in the song's order. `colours` are the hues of its tracks, where it is a part of another song."""
    found: list[LegendEntry] = []
    drums = [track for track in song.tracks if track.is_drums and len(track)]
    for number, (track, hue) in enumerate(zip(song.tracks, colours or hues(song), strict=True), start=1):
        if track.is_drums or not len(track):
            continue
        found.append(
            LegendEntry(
                track.name,
                drawable(track.name, lettered(say, text("Track {number}"), number=number)),
                hue,
                len(track),
            )
        )
    if drums:
        all_drums = lettered(say, text("Drums"))
        name = drums[0].name if len(drums) == 1 else all_drums
        found.append(LegendEntry(name, drawable(name, all_drums), DRUMS, sum(map(len, drums))))
    return found


def entries(shown: list[LegendEntry], say: Language, measures: Measures = _ROLL) -> list[Entry]:
    """The legend's entries in a few lines: names get shorter, then the smallest parts become "+3 more"."""
    for characters, lines in measures.fittings:
        if placed := _placed(shown, characters, lines, measures):
            return placed
    characters, lines = measures.fittings[-1]
    by_size = sorted(range(len(shown)), key=lambda place: -shown[place].notes)
    for count in range(min(len(shown) - 1, _MOST_ENTRIES), 0, -1):
        kept = [shown[place] for place in sorted(by_size[:count])]
        rest = lettered(say, text("+{count} more"), count=len(shown) - count)
        if placed := _placed(kept, characters, lines, measures, rest):
            return placed
    return []


def draw(
    canvas: Canvas, shown: list[Entry], top: int, measures: Measures = _ROLL, *, colour: int = TEXT
) -> None:
    """The legend, from the height `top` on, its names in `colour`."""
    for entry in shown:
        middle = top + entry.line * measures.line_height + measures.line_height // 2
        x = entry.x
        if entry.hue is not None:
            edge = middle - measures.swatch // 2
            canvas.fill(x, edge, x + measures.swatch, edge + measures.swatch, note_colour(entry.hue))
            x += measures.swatch + measures.swatch_gap
        canvas.write(entry.text, x, middle, size=measures.size, colour=colour)


def _placed(
    shown: list[LegendEntry], characters: int, lines: int, measures: Measures, rest: str = ""
) -> list[Entry]:
    """Entries set line by line, or none if they do not fit."""
    names = told_apart([part.label for part in shown], characters)
    texts: list[tuple[str, int | None]] = [(name, part.hue) for name, part in zip(names, shown, strict=True)]
    if rest:
        texts.append((rest, None))
    placed: list[Entry] = []
    x, line = measures.margin, 0
    for words, hue in texts:
        width = text_width(words, measures.size)
        if hue is not None:
            width += measures.swatch + measures.swatch_gap
        if x + width > measures.width - measures.margin and x > measures.margin:
            x, line = measures.margin, line + 1
        placed.append(Entry(x, line, words, hue))
        x += width + measures.entry_gap
    return placed if line < lines else []
