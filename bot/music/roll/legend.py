"""The legend: which colour is which instrument."""

from dataclasses import dataclass

from bot.language import Language, text
from bot.music.roll.canvas import WIDTH, text_width
from bot.music.roll.colours import DRUMS, HUES
from bot.music.roll.labels import drawable, lettered, shortened
from bot.music.song import Song

SIZE = 40
"""A third of it, 13 pixels, is left on a phone."""
SWATCH = 30
LINE_HEIGHT = 50
SWATCH_GAP = 12
MARGIN = 24
_ENTRY_GAP = 32
_MOST_ENTRIES = 32
"""More never fit; a thousand instruments need not be tried one less at a time."""
_FITTINGS = ((32, 2), (22, 3), (14, 3), (11, 4), (9, 4))
"""Characters of a name, and lines in all: the first in which all fits is taken, and where none does the smallest parts go."""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What the picture shows in one colour: an instrument, or all drums together."""

    name: str
    """As the song has it."""
    label: str
    """As the picture can write it."""
    hue: int
    notes: int


@dataclass(frozen=True, slots=True)
class Entry:
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


def parts(song: Song, say: Language) -> list[LegendEntry]:
    """The parts with notes, in the song's order."""
    found: list[LegendEntry] = []
    drums = [track for track in song.tracks if track.is_drums and len(track)]
    for number, (track, hue) in enumerate(zip(song.tracks, hues(song), strict=True), start=1):
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


def entries(shown: list[LegendEntry], say: Language) -> list[Entry]:
    """The legend's entries in at most four lines: names get shorter, then the smallest parts become "+3 more"."""
    for characters, lines in _FITTINGS:
        if placed := _placed(shown, characters, lines):
            return placed
    characters, lines = _FITTINGS[-1]
    by_size = sorted(range(len(shown)), key=lambda place: -shown[place].notes)
    for count in range(min(len(shown) - 1, _MOST_ENTRIES), 0, -1):
        kept = [shown[place] for place in sorted(by_size[:count])]
        rest = lettered(say, text("+{count} more"), count=len(shown) - count)
        if placed := _placed(kept, characters, lines, rest):
            return placed
    return []


def _placed(shown: list[LegendEntry], characters: int, lines: int, rest: str = "") -> list[Entry]:
    """Entries set line by line, or none if they do not fit."""
    texts: list[tuple[str, int | None]] = [(shortened(part.label, characters), part.hue) for part in shown]
    if rest:
        texts.append((rest, None))
    placed: list[Entry] = []
    x, line = MARGIN, 0
    for words, hue in texts:
        width = _width(words, has_swatch=hue is not None)
        if x + width > WIDTH - MARGIN and x > MARGIN:
            x, line = MARGIN, line + 1
        placed.append(Entry(x, line, words, hue))
        x += width + _ENTRY_GAP
    return placed if line < lines else []


def _width(words: str, *, has_swatch: bool) -> int:
    return (SWATCH + SWATCH_GAP if has_swatch else 0) + text_width(words, SIZE)
