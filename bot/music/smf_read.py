"""The tracks of a MIDI file's bytes: notes, programs and tempos in ticks. Pure Python, bounded before memory is.

mido makes an object of every event: a file of 10 MB would take a gigabyte.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.music.errors import MidiDamagedError, MidiTooLongError

MAX_FILE_BYTES = 10 * 1024 * 1024
"""What anybody may upload to Discord; six hours at 18 notes a second are 3 MB."""

MAX_NOTES = 400_000
"""Six hours at 18 notes a second; stored, 29 MB of the 32 that are read again."""

MAX_EVENTS = 2_000_000
"""Of all kinds: 5 s of work."""

MAX_TRACKS = 65_535
"""What a header can say."""

_NOTE_OFF, _NOTE_ON, _CONTROL, _PROGRAM, _PRESSURE, _BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0
_SYSEX, _ESCAPE, _META = 0xF0, 0xF7, 0xFF
_TRACK_NAME, _INSTRUMENT_NAME, _END_OF_TRACK, _TEMPO = 0x03, 0x04, 0x2F, 0x51

_PEDALS = range(64, 68)
"""Controllers: sustain, portamento, sostenuto, soft."""

_LONGEST_NAME = 512
"""Bytes of a name that are looked at: 64 characters of any script."""


@dataclass(slots=True)
class TrackEvents:
    """What one track says. The columns of notes go together; times in ticks from the track's start."""

    name: bytes = b""
    """As it stands in the file; the instrument's name where the track has none."""
    channel: list[int] = field(default_factory=list)
    pitch: list[int] = field(default_factory=list)
    velocity: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    programs: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By channel: ticks and programs, in order."""
    tempos: list[tuple[int, int]] = field(default_factory=list)
    """Ticks and microseconds a quarter, in order."""
    length: int = 0
    unclosed: int = 0
    """Notes without an end of their own; they end with the track."""
    controls: int = 0
    """Moves of a pedal or a bend, which notes do not hold."""
    is_damaged: bool = False
    """Whether something could not be read; what came before it is kept."""


@dataclass(frozen=True, slots=True)
class MidiEvents:
    """What a file says. `division` as in its header: ticks a quarter, or frames and ticks a frame of SMPTE.

    `missing` counts the tracks that the header announces and that are not there.
    """

    kind: int
    division: int
    tracks: list[TrackEvents]
    missing: int = 0


def read_events(data: bytes) -> MidiEvents:
    """Read a Standard MIDI File of type 0, 1 or 2, plain or inside of RIFF.

    Raises:
        MidiDamagedError: it has no header, or one that says nothing usable.
        MidiTooLongError: it is beyond what a song can be.
    """
    if len(data) > MAX_FILE_BYTES:
        raise too_long(f"{len(data)} bytes")
    data = _unwrapped(data)
    header = data[8:14]
    if data[:4] != b"MThd" or len(header) < 6:
        raise MidiDamagedError("no header")
    kind, announced, division = (int.from_bytes(header[at : at + 2]) for at in (0, 2, 4))
    if kind > 2 or not division & 0x7FFF or (not division & 0xFF and division & 0x8000):
        raise MidiDamagedError(f"type {kind}, division {division:#x}")
    room = Room()
    tracks = [_TrackReader(chunk, room, is_cut=is_cut).read() for chunk, is_cut in _tracks(data)]
    return MidiEvents(kind, division, tracks, missing=max(0, announced - len(tracks)))


def too_long(what: str) -> MidiTooLongError:
    """The error for a file that is more than a song, with the limits for its reader and `what` for the log."""
    return MidiTooLongError(what, limit_mb=MAX_FILE_BYTES // 1024**2, notes=MAX_NOTES)


def _unwrapped(data: bytes) -> bytes:
    """What is in the chunk `data` of a RIFF file of MIDI; anything else as it is."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return b""


def _tracks(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each track chunk, the last as far as there is any, and whether it is cut; other chunks are passed over."""
    at = 8 + int.from_bytes(data[4:8])
    count = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8])
        if data[at : at + 4] == b"MTrk":
            count += 1
            if count > MAX_TRACKS:
                raise too_long(f"over {MAX_TRACKS} tracks")
            yield data[at + 8 : at + 8 + size], at + 8 + size > len(data)
        at += 8 + size


@dataclass(slots=True)
class Room:
    """What of a file's bounds is left."""

    events: int = MAX_EVENTS
    notes: int = MAX_NOTES

    def take_event(self) -> None:
        """Count an event."""
        self.events -= 1
        if self.events < 0:
            raise too_long(f"over {MAX_EVENTS} events")

    def take_note(self) -> None:
        """Count a note."""
        self.notes -= 1
        if self.notes < 0:
            raise too_long(f"over {MAX_NOTES} notes")


class _DamageError(Exception):
    """Bytes that are no event."""


class _TrackReader:
    """Reads a track event by event, until its end or the first thing that is no event."""

    def __init__(self, data: bytes, room: Room, *, is_cut: bool) -> None:
        self._data = data
        self._is_cut = is_cut
        self._room = room
        self._at = self._tick = self._running = 0
        self._found = TrackEvents()
        self._names: dict[int, bytes] = {}
        self._sounding: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)

    def read(self) -> TrackEvents:
        try:
            while self._at < len(self._data):
                if not self._event():
                    break
                self._room.take_event()
            else:
                # Some programs leave out the end of track; a file may also be cut between two events.
                self._found.is_damaged = self._is_cut
        except (IndexError, _DamageError):
            self._found.is_damaged = True
        self._found.length = self._tick
        self._found.name = self._names.get(_TRACK_NAME) or self._names.get(_INSTRUMENT_NAME) or b""
        for hanging in self._sounding.values():
            for note in hanging:
                self._found.end[note] = self._tick
                self._found.unclosed += 1
        return self._found

    def _event(self) -> bool:
        """Read a delta and an event; False at the end of the track."""
        delta = self._number()
        status = self._data[self._at]
        if status < 0x80:
            # Meta events and sysex should end running status; files are about that they do not.
            status = self._running
        else:
            self._at += 1
        if status >= 0xF0:
            self._tick += delta
            return self._other(status)
        if status < 0x80:
            raise _DamageError
        self._running = status
        self._channel_event(status, self._tick + delta)
        self._tick += delta
        return True

    def _channel_event(self, status: int, tick: int) -> None:
        kind, channel = status & 0xF0, status & 0x0F
        first = self._byte()
        if kind == _PROGRAM:
            self._found.programs[channel].append((tick, first))
        elif kind != _PRESSURE:
            second = self._byte()
            if kind == _NOTE_ON and second:
                self._begin(channel, first, second, tick)
            elif kind in {_NOTE_ON, _NOTE_OFF}:
                self._end(channel, first, tick)
            elif kind == _BEND or (kind == _CONTROL and first in _PEDALS):
                self._found.controls += 1

    def _begin(self, channel: int, pitch: int, velocity: int, tick: int) -> None:
        self._room.take_note()
        found = self._found
        self._sounding[channel, pitch].append(len(found.pitch))
        found.channel.append(channel)
        found.pitch.append(pitch)
        found.velocity.append(velocity)
        found.start.append(tick)
        found.end.append(tick)

    def _end(self, channel: int, pitch: int, tick: int) -> None:
        # Of notes that overlap the first one ends: that is how programs write them that allow it.
        if sounding := self._sounding[channel, pitch]:
            self._found.end[sounding.popleft()] = tick

    def _other(self, status: int) -> bool:
        """Sysex and meta events; False at the end of the track."""
        if status in {_SYSEX, _ESCAPE}:
            self._skip(self._number())
            return True
        if status != _META:
            raise _DamageError
        kind = self._byte()
        data = self._skip(self._number())
        if kind in {_TRACK_NAME, _INSTRUMENT_NAME} and data.strip(b"\0 "):
            self._names.setdefault(kind, data[:_LONGEST_NAME])
        elif kind == _TEMPO and len(data) == 3 and any(data):
            self._found.tempos.append((self._tick, int.from_bytes(data)))
        return kind != _END_OF_TRACK

    def _number(self) -> int:
        """A number of 7 bits a byte, in four bytes at most."""
        value = 0
        for _ in range(4):
            byte = self._data[self._at]
            self._at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamageError

    def _byte(self) -> int:
        """A data byte."""
        byte = self._data[self._at]
        if byte > 0x7F:
            raise _DamageError
        self._at += 1
        return byte

    def _skip(self, size: int) -> bytes:
        """The next `size` bytes."""
        data = self._data[self._at : self._at + size]
        if len(data) < size:
            raise _DamageError
        self._at += size
        return data
