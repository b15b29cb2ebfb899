"""The tracks of a MIDI file's bytes: notes, programs and tempos in ticks. Pure Python, bounded before memory is.

Programs that write MIDI get much of it wrong, and programs that play it forgive much; so does this reader, as long as
it is sure what comes next. mido makes an object of every event: a file of 10 MB would take a gigabyte.
"""

from collections import defaultdict, deque

import msgspec

from bot.music.errors import MidiDamagedError, MidiTooLongError
from bot.music.smf.chunks import header, track_chunks
from bot.music.smf.encodings import LONGEST_NAME

MAX_FILE_BYTES = 10 * 1024 * 1024
"""What a song can be: six hours at 18 notes a second are 3 MB."""

MAX_NOTES = 400_000
"""Six hours at 18 notes a second; stored, 29 MB of the 32 that are read again."""

MAX_EVENTS = 2_000_000
"""Of all kinds: 5 s of work."""

MAX_TRACKS = 1024
"""As many as a song may have instruments."""

MAX_CHANGES = 100_000
"""Of program, or of tempo: a tempo that moves 20 times a second for over an hour."""

_NOTE_OFF, _NOTE_ON, _CONTROL, _PROGRAM, _PRESSURE, _BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0
_SYSEX, _ESCAPE, _META = 0xF0, 0xF7, 0xFF
_TRACK_NAME, _INSTRUMENT_NAME, _END_OF_TRACK, _TEMPO = 0x03, 0x04, 0x2F, 0x51
_TIME_SIGNATURE, _KEY_SIGNATURE = 0x58, 0x59
_SHORTEST_NOTE = 6
"""Of a time signature: a 64th, as a power of two."""
_MOST_SHARPS = 7

_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""Of messages that belong on a cable and not into a file; the others from F4 to FE have none."""

_PEDALS = range(64, 68)
"""Controllers: sustain, portamento, sostenuto, soft."""


_LONGEST_NUMBER = 8
"""Bytes."""


class TrackEvents(msgspec.Struct):
    """What one track says. The columns of notes go together; times in ticks from the track's start."""

    name: bytes = b""
    """As it stands in the file; the instrument's name where the track has none."""
    channel: list[int] = msgspec.field(default_factory=list)
    pitch: list[int] = msgspec.field(default_factory=list)
    velocity: list[int] = msgspec.field(default_factory=list)
    start: list[int] = msgspec.field(default_factory=list)
    end: list[int] = msgspec.field(default_factory=list)
    programs: dict[int, list[tuple[int, int]]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """By channel: ticks and programs, in order, without those that change nothing."""
    tempos: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """Ticks and microseconds a quarter, in order, without those that change nothing."""
    meters: list[tuple[int, int, int]] = msgspec.field(default_factory=list)
    """Ticks and time signatures, such as 3 and 4, in order."""
    keys: list[tuple[int, int, int]] = msgspec.field(default_factory=list)
    """Ticks and key signatures, in order: sharps (below zero flats), and 1 for minor."""
    length: int = 0
    unclosed: int = 0
    """Notes without an end of their own; they end with the track."""
    controls: int = 0
    """Moves of a pedal or a bend, which notes do not hold."""
    strange_pitches: int = 0
    """Notes left out: a pitch over 127."""
    velocities_held: int = 0
    """Notes with a velocity over 127, which is played as 127."""
    is_damaged: bool = False
    """Whether something could not be read; what came before it is kept."""


class MidiEvents(msgspec.Struct, frozen=True):
    """What a file says. `division` as in its header: ticks a quarter, or frames and ticks a frame of SMPTE.

    `missing` counts the tracks that the header announces and that are not there.
    """

    kind: int
    division: int
    tracks: list[TrackEvents]
    missing: int = 0


def read_events(data: bytes) -> MidiEvents:
    """Read a Standard MIDI File of type 0, 1 or 2, plain or inside of RIFF or whatever else it is wrapped in.

    Raises:
        MidiDamagedError: it has no header, or one that says nothing usable.
        MidiTooLongError: it is beyond what a song can be.
    """
    if len(data) > MAX_FILE_BYTES:
        raise too_long(f"{len(data)} bytes")
    found = header(data)
    if found is None:
        raise MidiDamagedError("no usable header")
    room = Room()
    tracks: list[TrackEvents] = []
    for chunk in track_chunks(data, found.end):
        room.take_track()
        reader = _TrackReader(data[chunk.start : chunk.end], room, is_cut=chunk.is_cut)
        tracks.append(reader.read())
        chunk.stopped_at = chunk.start + reader.at
    return MidiEvents(found.kind, found.division, tracks, missing=max(0, found.tracks - len(tracks)))


def too_long(what: str) -> MidiTooLongError:
    """The error for a file that is more than a song, with the limits for its reader and `what` for the log."""
    return MidiTooLongError(what, limit_mb=MAX_FILE_BYTES // 1024**2, notes=MAX_NOTES, tracks=MAX_TRACKS)


class Room(msgspec.Struct):
    """What of a file's bounds is left."""

    events: int = MAX_EVENTS
    notes: int = MAX_NOTES
    tracks: int = MAX_TRACKS
    programs: int = MAX_CHANGES
    tempos: int = MAX_CHANGES

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

    def take_track(self) -> None:
        """Count a track."""
        self.tracks -= 1
        if self.tracks < 0:
            raise too_long(f"over {MAX_TRACKS} tracks")

    def take_program(self) -> None:
        """Count a change of program."""
        self.programs -= 1
        if self.programs < 0:
            raise too_long(f"over {MAX_CHANGES} changes of program")

    def take_tempo(self) -> None:
        """Count a change of tempo."""
        self.tempos -= 1
        if self.tempos < 0:
            raise too_long(f"over {MAX_CHANGES} changes of tempo")


class _DamageError(Exception):
    """Bytes that are no event."""


class _TrackReader:
    """Reads a track event by event, until its end or the first thing that is no event."""

    def __init__(self, data: bytes, room: Room, *, is_cut: bool) -> None:
        self._data = data
        self._is_cut = is_cut
        self._room = room
        self.at = self._tick = self._running = 0
        self._found = TrackEvents()
        self._names: dict[int, bytes] = {}
        self._sounding: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)

    def read(self) -> TrackEvents:
        try:
            while self.at < len(self._data):
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
        status = self._data[self.at]
        if status < 0x80:
            # Meta events and sysex should end running status; files are about that they do not.
            status = self._running
        else:
            self.at += 1
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
        """Each has its one or two data bytes, whatever these are: a byte over 127 is held, as others do."""
        kind, channel = status & 0xF0, status & 0x0F
        first = self._byte()
        if kind == _PROGRAM:
            self._choose(channel, first, tick)
        elif kind != _PRESSURE:
            second = self._byte()
            if kind == _NOTE_ON and second:
                self._begin(channel, first, second, tick)
            elif kind in {_NOTE_ON, _NOTE_OFF}:
                self._end(channel, first, tick)
            elif kind == _BEND or (kind == _CONTROL and first in _PEDALS):
                self._found.controls += 1

    def _choose(self, channel: int, program: int, tick: int) -> None:
        # Over 127 is "none" in programs that write it, and the highest program would be a gunshot.
        changes = self._found.programs[channel]
        if program <= 0x7F and (not changes or changes[-1][1] != program):
            self._room.take_program()
            changes.append((tick, program))

    def _begin(self, channel: int, pitch: int, velocity: int, tick: int) -> None:
        found = self._found
        if pitch > 0x7F:
            # Held, it would be a wrong note.
            found.strange_pitches += 1
            return
        self._room.take_note()
        if velocity > 0x7F:
            velocity = 0x7F
            found.velocities_held += 1
        self._sounding[channel, pitch].append(len(found.pitch))
        found.channel.append(channel)
        found.pitch.append(pitch)
        found.velocity.append(velocity)
        found.start.append(tick)
        found.end.append(tick)

    def _end(self, channel: int, pitch: int, tick: int) -> None:
        # Of notes that overlap the first one ends: that is how programs write them that allow it.
        if sounding := self._sounding.get((channel, pitch)):
            self._found.end[sounding.popleft()] = tick

    def _other(self, status: int) -> bool:
        """Sysex, meta events and what belongs on a cable; False at the end of the track."""
        if status in {_SYSEX, _ESCAPE}:
            self._skip(self._number())
            return True
        if status != _META:
            self._skip(_DATA_BYTES.get(status, 0))
            return True
        kind = self._byte()
        size = self._number()
        start = self._skip(size)
        if kind in {_TRACK_NAME, _INSTRUMENT_NAME}:
            name = self._data[start : start + min(size, LONGEST_NAME)]
            if name.strip(b"\0 "):
                self._names.setdefault(kind, name)
        elif kind == _TEMPO and size == 3:
            self._pace(int.from_bytes(self._data[start : start + size]))
        elif kind == _TIME_SIGNATURE and size == 4:
            self._divide(self._data[start], self._data[start + 1])
        elif kind == _KEY_SIGNATURE and size == 2:
            self._tune(int.from_bytes(self._data[start : start + 1], signed=True), self._data[start + 1])
        return kind != _END_OF_TRACK

    def _pace(self, tempo: int) -> None:
        tempos = self._found.tempos
        if tempo and (not tempos or tempos[-1][1] != tempo):
            self._room.take_tempo()
            tempos.append((self._tick, tempo))

    def _divide(self, numerator: int, power: int) -> None:
        if numerator and power <= _SHORTEST_NOTE:
            self._room.take_tempo()
            self._found.meters.append((self._tick, numerator, 1 << power))

    def _tune(self, sharps: int, minor: int) -> None:
        if abs(sharps) <= _MOST_SHARPS and minor <= 1:
            self._room.take_tempo()
            self._found.keys.append((self._tick, sharps, minor))

    def _number(self) -> int:
        """A number of 7 bits a byte and 28 in all; some programs write more bytes, with zeros in front."""
        value = 0
        for _ in range(_LONGEST_NUMBER):
            byte = self._data[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80 and not value >> 28:
                return value
        raise _DamageError

    def _byte(self) -> int:
        """The next byte."""
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _skip(self, size: int) -> int:
        """Where the next `size` bytes begin; they are passed over."""
        start = self.at
        if start + size > len(self._data):
            raise _DamageError
        self.at = start + size
        return start
