"""Chords to read: the few that tell the song, and all of them by bars."""

from itertools import pairwise

from bot.music.chords.chord import Chord
from bot.music.chords.hear import Chords
from bot.music.clock_time import clock_time
from bot.music.columns import np
from bot.music.timeline.bars import Origin
from bot.music.timeline.measures import measures

_MOST_IN_LOOP = 8
_BARS_A_LINE = 4
_CHORDS_A_LINE = 6
_NOTHING = "-"


def gist(chords: Chords) -> str:
    """The loop that the song begins with, or else its first chords: "Am7 F C/E G …"."""
    names = [one.name for one in _changes(chords)]
    for length in range(1, _MOST_IN_LOOP + 1):
        if len(names) >= 2 * length and names[:length] == names[length : 2 * length]:
            names = names[:length] + ["…"] * (len(names) > length)
            break
    shown = names[: _MOST_IN_LOOP + (len(names) > _MOST_IN_LOOP)]
    if len(names) > len(shown):
        shown[-1] = "…"
    return " ".join(shown)


def chart(chords: Chords) -> str:
    """All chords: four bars a line with the bars' numbers, or by time where nobody knows the bars."""
    return _by_time(chords) if chords.bars.origin is Origin.NOBODY else _by_bars(chords)


def _changes(chords: Chords) -> list[Chord]:
    told = [one.chord for one in chords.heard if one.chord]
    return [*told[:1], *(chord for before, chord in pairwise(told) if chord != before)]


def _by_bars(chords: Chords) -> str:
    cells = _cells(chords)
    first = next((number for number, cell in enumerate(cells) if cell != _NOTHING), 0)
    bars = chords.bars
    before = sum(1 for one in measures(bars, chords.heard[-1].end_ticks) if one.start < bars.first_bar)
    # What is before bar 1 is a pickup, and has no number; a part that begins in another bar has that one's.
    lead = max(0, before - (bars.first_number - 1))
    number = bars.first_number - before + lead
    first = min(first, lead)
    led_to = cells[lead].split()[0] if lead < len(cells) else _NOTHING
    if {name for cell in cells[first:lead] for name in cell.split()} <= {_NOTHING, led_to}:
        # A tune's pickup alone is no chord: what is heard in it is the next bar's, a little early.
        first = lead
    width = max(map(len, cells))
    numbers = len(str(number + max(len(cells) - lead, 1) - 1))
    lines = []
    for begin, end in ((first, lead), (lead, len(cells))):
        for at in range(begin, end, _BARS_A_LINE):
            row = " | ".join(f"{cell:<{width}}" for cell in cells[at : min(at + _BARS_A_LINE, end)])
            lines.append(f"{'' if at < lead else at - lead + number:>{numbers}} | {row} |")
    return "\n".join(lines)


def _cells(chords: Chords) -> list[str]:
    """What stands in each bar: the chord that it begins with, and those that come in it."""
    cells, place = [], 0
    for bar in measures(chords.bars, chords.heard[-1].end_ticks):
        names: list[str] = []
        while place < len(chords.heard):
            one = chords.heard[place]
            if one.start_ticks < bar.end and one.end_ticks > bar.start:
                name = one.chord.name if one.chord else _NOTHING
                # A rest within a bar is no change: whoever plays along keeps the chord.
                names += [name] * (name not in names[-1:] and not (names and name == _NOTHING))
            if one.end_ticks > bar.end:
                break
            place += 1
        cells.append(" ".join(names) or _NOTHING)
    # What rings out needs no bar of its own.
    while len(cells) > 1 and cells[-1] == _NOTHING:
        cells.pop()
    return cells


def _by_time(chords: Chords) -> str:
    told = [one for one in chords.heard if one.chord]
    seconds = chords.bars.tempo_map.at(np.array([one.start_ticks for one in told], np.int64)).tolist()
    lines = []
    for at in range(0, len(told), _CHORDS_A_LINE):
        names = [one.chord.name for one in told[at : at + _CHORDS_A_LINE] if one.chord]
        lines.append(f"{clock_time(seconds[at]):>5}  {'  '.join(names)}")
    return "\n".join(lines)
