"""Bytes of a Standard MIDI File, from sorted events (numpy in, bytes out)."""

from collections.abc import Iterable, Sequence

import msgspec

from bot.music.columns import Ints, NDArray, np
from bot.music.overlaps import TICK_BITS

NOTE_ON = 0x90
PROGRAM_CHANGE = 0xC0
TRACK_NAME = 0x03

_ON_BIT = 1 << 14
_TICK_SHIFT = 15
_TRACK_SHIFT = _TICK_SHIFT + TICK_BITS


def variable_length(value: int) -> bytes:
    """A number below 2^28 as MIDI writes lengths and deltas: 7 bits a byte, the high bit on all but the last."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def meta_text(kind: int, text: str) -> bytes:
    """A meta event with text in UTF-8, without its delta."""
    data = text.encode()
    return bytes((0xFF, kind)) + variable_length(len(data)) + data


def with_deltas(events: Iterable[tuple[int, bytes]]) -> bytes:
    """Events at their ticks, in whatever order, as a track has them; at one tick they keep theirs."""
    before, found = 0, bytearray()
    for tick, event in sorted(events, key=lambda one: one[0]):
        found += variable_length(tick - before) + event
        before = tick
    return bytes(found)


class NoteColumns(msgspec.Struct, frozen=True):
    """Notes of all tracks: the track's index, ticks below 2^28, pitch 0..127, velocity 1..127."""

    track: Ints
    start: Ints
    end: Ints
    pitch: Ints
    velocity: Ints


def note_blocks(notes: NoteColumns, statuses: Sequence[int]) -> list[bytes]:
    """For each track its notes as events in running status: one status byte, an off being an on of velocity 0.

    `statuses` has the note-on byte of each track. A track without notes gives b"".
    """
    events = _sorted_events(notes)
    stamps = events >> _TICK_SHIFT  # track and tick
    heads = np.searchsorted(stamps, np.arange(len(statuses) + 1) << TICK_BITS)
    deltas = np.empty_like(stamps)
    np.subtract(stamps[1:], stamps[:-1], out=deltas[1:])
    inhabited = heads[:-1][heads[:-1] < heads[1:]]
    deltas[inhabited] = stamps[inhabited] & (1 << TICK_BITS) - 1  # each track counts from 0
    data, ends = _packed(deltas, events)
    bounds = np.concatenate(([0], ends))[heads].tolist()
    return [
        _with_status(data[low:high].tobytes(), status)
        for low, high, status in zip(bounds[:-1], bounds[1:], statuses, strict=True)
    ]


def _sorted_events(notes: NoteColumns) -> Ints:
    """One integer an event, by track, tick, off before on, pitch: sorting integers is all the ordering there is."""
    lane = notes.track << _TRACK_SHIFT | notes.pitch << 7
    ons = lane | notes.start << _TICK_SHIFT | _ON_BIT | notes.velocity
    offs = lane | notes.end << _TICK_SHIFT
    events = np.concatenate((ons, offs))
    events.sort()
    return events


def _packed(deltas: Ints, events: Ints) -> "tuple[NDArray[np.uint8], Ints]":
    """Delta, pitch and velocity of every event as one array of bytes, and where each event ends in it."""
    longer = [np.flatnonzero(deltas >= 1 << 7)]
    for place in (2, 3):
        at = longer[-1]
        longer.append(at[deltas[at] >= 1 << 7 * place])
    sizes = np.full(len(events), 3)
    for at in longer:
        sizes[at] += 1
    ends = np.cumsum(sizes)
    data = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    note = events.astype(np.uint16)
    data[ends - 1] = note & 0x7F
    data[ends - 2] = note >> 7 & 0x7F
    data[ends - 3] = deltas & 0x7F
    for place, at in enumerate(longer, 1):
        data[ends[at] - 3 - place] = 0x80 | deltas[at] >> 7 * place & 0x7F
    return data, ends


def _with_status(block: bytes, status: int) -> bytes:
    """Put the status byte behind the first delta, where running status begins."""
    at = next((place + 1 for place, byte in enumerate(block[:4]) if byte < 0x80), 0)
    return block[:at] + bytes((status,)) + block[at:] if block else b""
