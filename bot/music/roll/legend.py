"""The legend: which colour is which instrument, and how many notes it has."""

from dataclasses import dataclass

from bot.music.roll.canvas import WIDTH, text_width
from bot.music.roll.colours import DRUMS, HUES
from bot.music.roll.labels import drawable, grouped, shortened
from bot.music.song import Song

SIZE = 36
SWATCH = 28
LINE_HEIGHT = 52
SWATCH_GAP, COUNT_GAP = 14, 12
MARGIN = 36
_ENTRY_GAP = 46
_MOST_LINES = 3
_MOST_ENTRIES = 32
"""More never fit; a thousand instruments need not be tried one less at a time."""
_NAME_LENGTHS = (32, 22, 14)
"""Characters: the longest at which all fits is taken, and where even 14 are too many the smallest parts go."""


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
    count: str
    hue: int | None
    """None for "+3 more"."""


def hues(song: Song) -> tuple[int, ...]:
    """The hue of each track: drums have theirs; the others take turns, whoever has most notes first."""
    melodic = [index for index, track in enumerate(song.tracks) if not track.is_drums]
    by_size = sorted(melodic, key=lambda index: -len(song.tracks[index]))
    turns = {index: turn % len(HUES) for turn, index in enumerate(by_size)}
    return tuple(turns.get(index, DRUMS) for index in range(len(song.tracks)))


def parts(song: Song) -> list[LegendEntry]:
    """The parts with notes, in the song's order."""
    found: list[LegendEntry] = []
    drums = [track for track in song.tracks if track.is_drums and len(track)]
    for number, (track, hue) in enumerate(zip(song.tracks, hues(song), strict=True), start=1):
        if track.is_drums or not len(track):
            continue
        found.append(LegendEntry(track.name, drawable(track.name, f"Track {number}"), hue, len(track)))
    if drums:
        name = drums[0].name if len(drums) == 1 else "Drums"
        found.append(LegendEntry(name, drawable(name, "Drums"), DRUMS, sum(map(len, drums))))
    return found


def entries(shown: list[LegendEntry]) -> list[Entry]:
    """The legend's entries in at most three lines: names get shorter, then the smallest parts become "+3 more"."""
    for characters in _NAME_LENGTHS:
        if placed := _placed(shown, characters, left_out=0):
            return placed
    by_size = sorted(range(len(shown)), key=lambda place: -shown[place].notes)
    for count in range(min(len(shown) - 1, _MOST_ENTRIES), 0, -1):
        kept = [shown[place] for place in sorted(by_size[:count])]
        if placed := _placed(kept, _NAME_LENGTHS[-1], left_out=len(shown) - count):
            return placed
    return []


def _placed(shown: list[LegendEntry], characters: int, left_out: int) -> list[Entry]:
    """Entries set line by line, or none if they do not fit."""
    texts = [(shortened(part.label, characters), grouped(part.notes), part.hue) for part in shown]
    rest = [(f"+{left_out} more", "", None)] if left_out else []
    placed: list[Entry] = []
    x, line = MARGIN, 0
    for text, count, hue in [*texts, *rest]:
        width = _width(text, count, has_swatch=hue is not None)
        if x + width > WIDTH - MARGIN and x > MARGIN:
            x, line = MARGIN, line + 1
        placed.append(Entry(x, line, text, count, hue))
        x += width + _ENTRY_GAP
    return placed if line < _MOST_LINES else []


def _width(text: str, count: str, *, has_swatch: bool) -> int:
    swatch = SWATCH + SWATCH_GAP if has_swatch else 0
    counted = COUNT_GAP + text_width(count, SIZE) if count else 0
    return swatch + text_width(text, SIZE) + counted
