"""A song -> a type 1 MIDI file: a conductor track, then one named track an instrument."""

import io

import mido
from mido.midifiles.meta import UnknownMetaMessage

from bot.music import names
from bot.music.channels import Seat, seats
from bot.music.chords.events import chord_events
from bot.music.chords.hear import Chords
from bot.music.columns import np
from bot.music.normalise import Notes
from bot.music.overlaps import TICK_BITS, Overlaps
from bot.music.smf import write as smf
from bot.music.song import Song
from bot.music.timeline.bars import Bars
from bot.music.timeline.tempo_map import TempoMap

MIN_BPM, MAX_BPM = 10.0, 1000.0
"""A file holds 3.6 BPM and up; six hours at 1000 BPM, of dotted quarters too, stay below the longest delta, 2^28 - 1."""


class PackedEvents(UnknownMetaMessage):  # type: ignore[misc]  # mido has no types
    """Events that are bytes already, in the place of a message: mido writes them as they stand.

    A message object for each note costs 12 times the whole way from JSON to file. The bytes follow a delta of 0
    and leave out the end of track, which mido adds.
    """

    packed: bytes

    def __init__(self, packed: bytes) -> None:
        """Hold `packed`: an event without its delta, then any number of events with theirs."""
        super().__init__(type_byte=0, type="packed_events")
        self.packed = packed

    def bytes(self) -> bytes:
        """What mido puts into the track."""
        return self.packed


def encode(song: Song, *, title: str, bpm: float | None = None, chords: Chords | None = None) -> bytes:
    """The bytes of `midi_file`."""
    file = io.BytesIO()
    midi_file(song, title=title, bpm=bpm, chords=chords).save(file=file)
    return file.getvalue()


def midi_file(
    song: Song, *, title: str, bpm: float | None = None, chords: Chords | None = None
) -> mido.MidiFile:
    """`song` as a file with the song's own bars, or with plain ones at 120 BPM; another `bpm` moves the grid, the seconds stay.

    It is in the beats that people count, of 6/8 in dotted quarters. Time signature and key stay.
    Chords are written where they are sure.
    The file is for saving: its note tracks are bytes. To walk through messages, read the saved file.

    Raises:
        ValueError: `bpm` is outside 10..1000, or notes lie beyond what a delta can say, nine hours at 1000 BPM, in 6/8 six.
    """
    if bpm is not None and not MIN_BPM <= bpm <= MAX_BPM:
        raise ValueError(f"{bpm} BPM is outside {MIN_BPM:g}..{MAX_BPM:g}")
    bars = song.bars or Bars.plain()
    bars = bars.steady(bpm) if bpm else bars
    tracks = [mido.MidiTrack([PackedEvents(packed)]) for packed in _packed_tracks(song, bars.tempo_map)]
    told = chord_events(chords, song, bars.tempo_map) if chords and chords.is_sure else []
    conductor = _conductor(title, bars, told)
    return mido.MidiFile(type=1, ticks_per_beat=bars.division, charset="utf-8", tracks=[conductor, *tracks])


def _conductor(title: str, bars: Bars, chords: list[tuple[int, bytes]]) -> mido.MidiTrack:
    """The song's title, tempos, time signatures, key and chords."""
    rest = smf.with_deltas([*bars.events, *chords]) if chords else bars.packed
    # mido encodes text by a charset that all threads share, so names come as bytes.
    return mido.MidiTrack([PackedEvents(smf.meta_text(smf.TRACK_NAME, names.clean(title)) + rest)])


def _packed_tracks(song: Song, tempo_map: TempoMap) -> list[bytes]:
    """Name, program and notes of each track."""
    if not song.tracks:
        return []
    seated = seats(song.tracks)
    notes = Notes.of(song.tracks, [seat.channel for seat in seated])
    blocks = smf.note_blocks(_playable(notes, tempo_map), [smf.NOTE_ON | seat.channel for seat in seated])
    return [
        _head(track.name, seat) + block
        for track, seat, block in zip(song.tracks, seated, blocks, strict=True)
    ]


def _playable(notes: Notes, tempo_map: TempoMap) -> smf.NoteColumns:
    """The notes on this file's own grid, where notes may meet that elsewhere do not."""
    start, end, _ = notes.ticks(tempo_map)
    if len(end) and int(end.max()) >> TICK_BITS:
        raise ValueError(f"{int(end.max())} ticks are more than a MIDI file can hold")
    overlaps = Overlaps.of(notes.lane, start, end, notes.track)
    kept = overlaps.kept
    return smf.NoteColumns(
        track=notes.track[kept],
        start=start[kept],
        end=overlaps.ends(start, end)[kept],
        pitch=notes.pitch[kept].astype(np.int64),
        velocity=overlaps.most(notes.velocity)[kept].astype(np.int64),
    )


def _head(name: str, seat: Seat) -> bytes:
    program = bytes((smf.PROGRAM_CHANGE | seat.channel, seat.program))
    return smf.meta_text(smf.TRACK_NAME, name) + b"\0" + program
