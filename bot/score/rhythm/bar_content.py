"""What one voice has in one bar: note values and rests in a row, with ties, triplets and beams."""

from collections.abc import Sequence

import msgspec

from bot.score.rhythm.units import QUARTER, Bar
from bot.score.rhythm.values import Value, note_values, rest_values
from bot.score.rhythm.voices import Sound

_BEAMS = {"eighth": 1, "16th": 2}


class Written(msgspec.Struct):
    """One written value: of a sound, or with `sound` None a rest; with `value` None, time that nobody writes."""

    start: int
    units: int
    value: Value | None
    sound: Sound | None = None
    ties_from: bool = False
    ties_on: bool = False
    is_whole_bar: bool = False
    beams: tuple[str, ...] = ()
    tuplets: str = ""

    @property
    def modification(self) -> str:
        """Three in the time of two."""
        if self.value is None or not self.value.in_triplet:
            return ""
        return "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"

    @property
    def type_only(self) -> str:
        """The kind of value, and its dots."""
        if self.value is None or self.is_whole_bar:
            return ""
        return f"<type>{self.value.kind}</type>" + "<dot/>" * self.value.dots

    @property
    def type_lines(self) -> str:
        """The same and the triplet."""
        return self.type_only + self.modification

    @property
    def beam_lines(self) -> str:
        """Its beams, the first one nearest to the stem's end."""
        return "".join(f'<beam number="{number}">{beam}</beam>' for number, beam in enumerate(self.beams, 1))

    @property
    def tuplet_notation(self) -> str:
        """Where a triplet begins or ends with a rest."""
        return f"<notations>{self.tuplets}</notations>" if self.tuplets else ""


def bar_content(
    sounds: Sequence[Sound], bar: Bar, thirds: frozenset[int], *, shows_rests: bool
) -> list[Written]:
    """The row of a voice's `sounds` that sound in `bar`. Rests of a second voice are left out."""
    if not sounds:
        return [Written(bar.start, bar.length, Value(bar.length, "whole"), is_whole_bar=True)]
    found: list[Written] = []
    reached = bar.start
    for sound in sounds:
        start, end = max(sound.start, bar.start), min(sound.end, bar.end)
        found += _rests(reached, start, bar, thirds, shows_rests=shows_rests)
        at = start
        for value in note_values(start, end, bar, thirds):
            after = at + value.units
            found.append(
                Written(at, value.units, value, sound, ties_from=at > sound.start, ties_on=after < sound.end)
            )
            at = after
        reached = at
    found += _rests(reached, bar.end, bar, thirds, shows_rests=shows_rests)
    _mark_triplets(found)
    _mark_beams(found, bar)
    return found


def _rests(start: int, end: int, bar: Bar, thirds: frozenset[int], *, shows_rests: bool) -> list[Written]:
    if start >= end:
        return []
    if not shows_rests and not any(third < end and start < third + QUARTER for third in thirds):
        return [Written(start, end - start, None)]
    found = []
    for value in rest_values(start, end, bar, thirds):
        found.append(Written(start, value.units, value))
        start += value.units
    return found


def _mark_triplets(row: list[Written]) -> None:
    """A triplet is the values of one quarter."""
    for one in row:
        if one.value is None or not one.value.in_triplet:
            continue
        if one.start % QUARTER == 0:
            one.tuplets += '<tuplet type="start" bracket="yes"/>'
        if (one.start + one.units) % QUARTER == 0:
            one.tuplets += '<tuplet type="stop"/>'


def _mark_beams(row: list[Written], bar: Bar) -> None:
    """Eighths and shorter of one beat hang together."""
    group: list[Written] = []
    for one in [*row, Written(bar.end, 0, None)]:
        is_short = one.sound is not None and one.value is not None and one.value.kind in _BEAMS
        same = group and (one.start - bar.start) // bar.beat == (group[0].start - bar.start) // bar.beat
        if group and not (is_short and same):
            _beam(group)
            group = []
        if is_short:
            group.append(one)


def _beam(group: list[Written]) -> None:
    if len(group) < 2:
        return
    counts = [_BEAMS[one.value.kind] if one.value else 0 for one in group]
    for at, one in enumerate(group):
        beams = []
        for level in range(1, counts[at] + 1):
            before = at > 0 and counts[at - 1] >= level
            after = at + 1 < len(group) and counts[at + 1] >= level
            if before and after:
                beams.append("continue")
            elif after:
                beams.append("begin")
            elif before:
                beams.append("end")
            else:
                beams.append("backward hook" if at else "forward hook")
        one.beams = tuple(beams)
