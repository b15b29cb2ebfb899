"""Notes of one staff -> at most two voices, in each of which one chord follows the other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from bot.score.rhythm.units import QUARTER, Bar, pulse_of


class Sound(msgspec.Struct):
    """What begins at one unit in one voice: pitches, from `start` to `end`."""

    start: int
    end: int
    pitches: list[int] = msgspec.field(default_factory=list)


Notes = Sequence[tuple[int, int, int]]
"""Start, end, pitch; in order."""

_HELD = QUARTER
"""What sounds for so long after the next note began is held beside it."""

_LET_RING = 0.6
"""Of what begins in a bar: where more is held, nobody holds it on purpose."""


def voices(notes: Notes, bars: Sequence[Bar]) -> list[list[Sound]]:
    """One voice, or where notes are held beside others, two: the upper one first."""
    upper: list[tuple[int, int, int]] = []
    lower: list[tuple[int, int, int]] = []
    place, onsets = 0, [*sorted({start for start, *_ in notes}), 1 << 60]
    next_of = dict(pairwise(onsets))
    for bar in bars:
        inside = []
        while place < len(notes) and notes[place][0] < bar.end:
            inside.append(notes[place])
            place += 1
        held: list[tuple[int, int, int]] = []
        moving: list[tuple[int, int, int]] = []
        for note in inside:
            is_held = note[1] >= next_of[note[0]] + _HELD and note[1] - note[0] >= QUARTER
            (held if is_held else moving).append(note)
        if not held or not moving or _begun(held) > _LET_RING * _begun(inside):
            upper += inside
        elif _mean(held) < _mean(moving):
            upper += moving
            lower += held
        else:
            upper += held
            lower += moving
    return [_in_a_row(one, bars) for one in (upper, lower) if one]


def one_voice(notes: Notes, bars: Sequence[Bar]) -> list[list[Sound]]:
    """All notes in a row, as an instrument plays them that holds none beside another."""
    return [_in_a_row(notes, bars)]


def strokes(notes: Notes, bars: Sequence[Bar]) -> list[Sound]:
    """Strokes last up to the next one, or to the end of their beat."""
    found: list[Sound] = []
    pulse = pulse_of(bars)
    for start, _, pitch in notes:
        if found and found[-1].start == start:
            found[-1].pitches.append(pitch)
        else:
            found.append(Sound(start, _pulse_after(start + 1, pulse), [pitch]))
    for one, after in pairwise(found):
        one.end = min(one.end, after.start)
    return found


def by_bars(rows: Sequence[Sequence[Sound]], bars: Sequence[Bar]) -> Iterator[list[list[Sound]]]:
    """What sounds in each bar, voice by voice; what goes on beyond a bar is in the next one again."""
    reached = [0] * len(rows)
    for bar in bars:
        found = []
        for place, row in enumerate(rows):
            first = last = reached[place]
            while last < len(row) and row[last].start < bar.end:
                last += 1
            found.append([sound for sound in row[max(first - 1, 0) : last] if sound.end > bar.start])
            reached[place] = last
        yield found


def _begun(notes: Notes) -> int:
    """A chord is one."""
    return len({start for start, *_ in notes})


def _mean(notes: Notes) -> float:
    return sum(pitch for *_, pitch in notes) / len(notes)


def _in_a_row(notes: Notes, bars: Sequence[Bar]) -> list[Sound]:
    """Each chord up to the next one, or where it ends long before that, up to its end."""
    found: list[Sound] = []
    for start, stop, pitch in notes:
        if found and found[-1].start == start:
            found[-1].pitches.append(pitch)
            found[-1].end = max(found[-1].end, stop)
        else:
            found.append(Sound(start, stop, [pitch]))
    in_threes = all(bar.is_compound and bar.start % bar.beat == 0 for bar in bars)
    pulse = bars[0].beat if in_threes else pulse_of(bars)
    for one, next_start in zip(found, [*(one.start for one in found[1:]), bars[-1].end], strict=True):
        one.end = _written_end(one, next_start, pulse)
    return found


def _written_end(one: Sound, next_start: int, pulse: int) -> int:
    gap = next_start - one.start
    if gap <= QUARTER or (gap <= 2 * QUARTER and (one.end - one.start) * 2 >= gap):
        return next_start
    # A rest begins on a beat, so that a short note is not two rests as well.
    return min(next_start, _pulse_after(one.end, pulse))


def _pulse_after(unit: int, pulse: int) -> int:
    return -(-unit // pulse) * pulse
