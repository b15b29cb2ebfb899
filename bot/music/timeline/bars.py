"""The bars that a file carries: its resolution, its tempos and time signatures by tick, and its key."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import mido
import msgspec
from msgspec.structs import replace

from bot.music.smf import write as smf
from bot.music.timeline.beat import beat_of
from bot.music.timeline.key_signature import KeySignature, key_name
from bot.music.timeline.tempo_map import TempoMap

TICKS_PER_QUARTER = 480
DEFAULT_BPM = 120.0
_MICROSECONDS_PER_MINUTE = 60_000_000


class LikelyBars(NamedTuple):
    """The likeliest time signature and downbeat, however sure: what somebody who sets them right begins with."""

    meter: str
    first_seconds: float


class Origin(StrEnum):
    """Who says where the bars are."""

    NOBODY = "nobody"
    """A plain grid, whatever was played."""
    HEARD = "heard"
    CHOSEN = "chosen"
    """The asker."""
    GIVEN = "given"
    """The MIDI file that was given."""


class Bars(msgspec.Struct, frozen=True, dict=True):
    """Ticks from the song's start. `tempos` are microseconds a quarter, from their ticks on.

    `meters` are numerators and denominators from their ticks on; bar 1, the first one that begins on a downbeat, begins at
    tick `first_bar`. What comes before it is silence and pickup.
    """

    division: int
    tempos: tuple[tuple[int, int], ...]
    meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),)
    first_bar: int = 0
    key: KeySignature | None = None
    origin: Origin = Origin.NOBODY
    bpm: tuple[float, float] = (DEFAULT_BPM, DEFAULT_BPM)
    """The slowest and the fastest tempo from bar 1 on, in the beats that people count: `beat` is how long they are."""
    first_number: int = 1
    """What the song counts the bar at `first_bar` as: in a part of it not 1."""
    began_seconds: float = 0.0
    """The song's second at which tick 0 is: up to 0.2 ms before 0, where a bar is filled up before a pickup."""

    @classmethod
    def plain(cls, bpm: float = DEFAULT_BPM) -> "Bars":
        """4/4 at one tempo, from the song's start on."""
        # As the file states it, in whole microseconds: 93 BPM is 645161, not 645161.29.
        return cls(TICKS_PER_QUARTER, ((0, round(_MICROSECONDS_PER_MINUTE / bpm)),), bpm=(bpm, bpm))

    def steady(self, bpm: float) -> "Bars":
        """Bars at one tempo from the song's start on, in this key, and in this time signature where beats are alike in all."""
        is_alike = len({beat_of([meter]) for meter in self._counted}) == 1
        meter = self._counted[0] if is_alike else (4, 4)
        quarters = bpm * float(beat_of([meter]))
        return replace(Bars.plain(quarters), meters=((0, *meter),), key=self.key, bpm=(bpm, bpm))

    def evenly_led(self) -> "Bars":
        """With silence, pickup and first beat at the tempo that follows, where no file gave them: its notes are not where they were played.

        Where there was no time for a bar it passes at up to 1 200 000 BPM, which notation programs print.
        """
        if self.origin is Origin.GIVEN:
            return self
        played_from = self.first_bar or int(self.beat * self.division)
        tempo = [tempo for tick, tempo in self.tempos if tick <= played_from][-1]
        later = [change for change in self.tempos if change[0] > played_from]
        return replace(self, tempos=merged_changes([(0, tempo), *later]), began_seconds=0.0)

    @cached_property
    def tempo_map(self) -> TempoMap:
        """The way between ticks and seconds."""
        return TempoMap.of(self.division, self.tempos, began=self.began_seconds)

    @cached_property
    def events(self) -> list[tuple[int, bytes]]:
        """Tempos, time signatures and key as a file writes them, with their ticks."""
        tempos = [(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in self.tempos]
        meters = [
            (tick, mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
            for tick, numerator, denominator in self.meters
        ]
        key = [(0, mido.MetaMessage("key_signature", key=key_name(self.key)))] if self.key else []
        return [(tick, bytes(message.bytes())) for tick, message in [*tempos, *meters, *key]]

    @cached_property
    def packed(self) -> bytes:
        """These, as a track has them: made once, however many files have the same bars."""
        return smf.with_deltas(self.events)

    @cached_property
    def beat(self) -> Fraction:
        """The length of the beat that people count, in quarters."""
        return beat_of(self._counted)

    @cached_property
    def has_pickup_of_its_own(self) -> bool:
        """Whether one shorter bar with its own time signature is before all others: so files write a pickup."""
        if len(self.meters) < 2:
            return False
        (start, *meter), (end, *next_meter) = self.meters[:2]
        first, second = (4 * self.division * Fraction(*one) for one in (meter, next_meter))
        return end - start <= first < second

    @cached_property
    def _counted(self) -> list[tuple[int, int]]:
        """The time signatures in their order, without that of a pickup."""
        meters = self.meters[self.has_pickup_of_its_own :] or ((0, 4, 4),)
        return [(numerator, denominator) for _, numerator, denominator in meters]

    @property
    def meter(self) -> str:
        """The time signature that holds from bar 1 on."""
        before = [meter for meter in self.meters if meter[0] <= self.first_bar]
        _, numerator, denominator = before[-1] if before else (0, 4, 4)
        return f"{numerator}/{denominator}"


def merged_changes(changes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Changes by tick without those that change nothing."""
    found: list[tuple[int, int]] = []
    for tick, value in changes:
        if not found or found[-1][1] != value:
            found.append((tick, value))
    return tuple(found)
