"""The bars that a given MIDI file has, kept as it says them."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from bot.music.overlaps import TICK_BITS
from bot.music.smf.read import MidiEvents
from bot.music.stored import StoredBars
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.key_signature import KeySignature

_MOST_CHANGES = 5000
"""A tempo on every beat of half an hour; more is a curve drawn by a program, and no bars to copy."""

_SMPTE = 0x8000
_ONE_AFTER_ANOTHER = 2

_Change = TypeVar("_Change", bound=tuple[int, ...])


def bars_said(events: MidiEvents) -> StoredBars | None:
    """Tempos, time signatures and key of a file's tracks together; None where it says none, or none that a copy can hold."""
    if events.kind == _ONE_AFTER_ANOTHER or events.division & _SMPTE:
        return None
    length = max((track.length for track in events.tracks), default=0)
    tempos = _by_tick([change for track in events.tracks for change in track.tempos], length)
    meters = _by_tick([change for track in events.tracks for change in track.meters], length)
    keys = _by_tick([change for track in events.tracks for change in track.keys], length)
    is_too_much = length >> TICK_BITS or max(len(tempos), len(meters)) > _MOST_CHANGES
    if is_too_much or not (tempos or meters):
        return None
    key = (keys[0][1], bool(keys[0][2])) if keys else None
    return StoredBars(events.division, tempos, meters, key)


def given_bars(stored: StoredBars) -> Bars:
    """The bars that copies of the file have."""
    usual = (0, 500_000)
    tempos = stored.tempos if stored.tempos and stored.tempos[0][0] == 0 else [usual, *stored.tempos]
    meters = stored.meters if stored.meters and stored.meters[0][0] == 0 else [(0, 4, 4), *stored.meters]
    bpm = [60e6 / tempo for _, tempo in tempos]
    key = KeySignature(*stored.key) if stored.key else None
    bars = Bars(stored.division, tuple(tempos), tuple(meters), 0, key, Origin.GIVEN)
    return replace(
        bars,
        first_bar=meters[1][0] if bars.has_pickup_of_its_own else 0,
        bpm=(min(bpm) / float(bars.beat), max(bpm) / float(bars.beat)),
    )


def _by_tick(changes: Iterable[_Change], length: int) -> list[_Change]:
    """In order, the last one of each tick, none after the last event; those that change nothing left out."""
    at = {
        change[0]: change for change in sorted(changes, key=lambda change: change[0]) if change[0] <= length
    }
    found: list[_Change] = []
    for change in at.values():
        if not found or found[-1][1:] != change[1:]:
            found.append(change)
    return found
