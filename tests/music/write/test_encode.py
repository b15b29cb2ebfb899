import io
from itertools import groupby
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.music.instruments.programs import sound_for
from bot.music.read.parse import read_notes
from bot.music.song import Note, Song, Track
from bot.music.write.encode import encode, midi_file
from tests.music import payloads
from tests.music.model import asked
from tests.music.readers import PRETTY_MIDI_TICKS, by_mido, by_pretty_midi, by_symusic, channel_events


def _song(*tracks: Track) -> Song:
    return Song(tracks)


def test_a_file_is_this_to_the_byte() -> None:
    bass = Track.of([Note(36, 0.5, 1.0, 100), Note(43, 1.0, 2.0, 80)], name="Bass", program=33)
    assert encode(_song(bass), title="Ö") == bytes.fromhex(
        "4D546864 00000006"  # header, 6 bytes
        "0001 0002 01E0"  # type 1, two tracks, 480 ticks a quarter
        "4D54726B 00000019"  # the conductor track, 25 bytes
        "00 FF 03 02 C396"  # its name in UTF-8
        "00 FF 51 03 07A120"  # 500 000 microseconds a quarter: 120 BPM
        "00 FF 58 04 04021808"  # 4/4, 24 clocks a click, 8 thirty-seconds a quarter
        "00 FF 2F 00"  # end of track
        "4D54726B 0000001F"  # the bass, 31 bytes
        "00 FF 03 04 42617373"  # its name
        "00 C0 21"  # program 33 on channel 1
        "8360 90 24 64"  # after 480 ticks: C2 on; the status byte runs on
        "8360 24 00"  # 480 ticks later its off, an on of velocity 0
        "00 2B 50"  # and G2 on, after the off at the same tick
        "8740 2B 00"  # 960 ticks later
        "00 FF 2F 00"
    )


def test_a_song_without_notes_is_a_file_with_a_conductor_alone() -> None:
    (conductor,) = mido.MidiFile(file=io.BytesIO(encode(read_notes(b"{}"), title="Silence"))).tracks
    assert conductor.name == "Silence"


def test_the_documented_answer_is_read_alike_by_all_readers() -> None:
    data = encode(read_notes(payloads.body(payloads.DOCUMENTED["instruments"])), title="Documented")
    drums, bass = by_mido(data)
    assert [note[:2] for note in drums.notes] == [(35, 175), (45, 185), (180, 470)]
    assert {note.velocity for note in bass.notes} == {127, 63}
    assert by_symusic(data) == [drums, bass]
    assert by_pretty_midi(data) == [("Drums", 0, True, 3), ("Electric Bass (finger)", 33, False, 3)]


@given(payloads.instruments)
def test_two_readers_agree_note_for_note_with_what_was_asked(instruments: list[dict[str, Any]]) -> None:
    song = read_notes(payloads.body(instruments))
    data = encode(song, title="Any")
    drums = {index for index, one in enumerate(instruments) if sound_for(one["name"].strip()).is_drums}
    expected = asked(instruments, drums)
    read = by_mido(data)
    assert [track.notes for track in read] == [expected[index] for index in sorted(expected)]
    assert [(track.name, track.program, track.is_drums) for track in read] == [
        (track.name, track.program, track.is_drums) for track in song.tracks
    ]
    assert by_symusic(data) == read
    if song.duration_seconds * 960 < PRETTY_MIDI_TICKS:
        assert [notes for *_, notes in by_pretty_midi(data)] == [len(track.notes) for track in read]


@given(payloads.instruments, st.floats(10, 1000))
def test_at_any_tempo_seconds_stay_true_and_no_pitch_sounds_twice(
    instruments: list[dict[str, Any]], bpm: float
) -> None:
    song = read_notes(payloads.body(instruments))
    data = encode(song, title="Any", bpm=bpm)
    seconds_a_tick = round(60e6 / bpm) / 1e6 / 480
    starts = {round(note.start_seconds / seconds_a_tick) for track in song.tracks for note in track}
    assert {note.start for track in by_mido(data) for note in track.notes} == starts
    by_lane = sorted(
        ((lane, tick, is_on) for tick, lane, is_on in channel_events(data)), key=lambda event: event[0]
    )
    for _, events in groupby(by_lane, key=lambda event: event[0]):
        states = [is_on for *_, is_on in events]
        assert states == [True, False] * (len(states) // 2)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 127), min_size=16, max_size=40))
def test_beyond_fifteen_melodic_parts_channels_are_shared_and_the_report_says_so(programs: list[int]) -> None:
    tracks = [
        {"name": f"Part {program}", "notes": [payloads.note(60 + i)]} for i, program in enumerate(programs)
    ]
    song = read_notes(payloads.body([*tracks, {"name": "Drums", "notes": [payloads.note(36)]}]))
    file = mido.MidiFile(file=io.BytesIO(encode(song, title="Crowd")))
    assert song.report.shared_channel_tracks >= len(programs) - 14
    assert len(by_mido(encode(song, title="Crowd"))) == len(programs) + 1
    changes = [next(m for m in track if m.type == "program_change") for track in file.tracks[1:]]
    assert changes[-1].channel == 9
    assert 9 not in {message.channel for message in changes[:-1]}
    assert len({(m.channel, m.program) for m in changes}) == len({m.channel for m in changes})


def test_a_name_in_any_script_is_utf_8_whatever_mido_is_set_to() -> None:
    track = Track.of([Note(60, 0, 1, 64)], name="三味線")
    data = encode(_song(track), title="Ночь")
    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    assert [t.name for t in file.tracks] == ["Ночь", "三味線"]


def test_a_file_object_is_a_mido_file_that_saves_as_encode_writes() -> None:
    song = read_notes(payloads.body(payloads.DOCUMENTED["instruments"]))
    file = io.BytesIO()
    made = midi_file(song, title="Same", bpm=93)
    made.save(file=file)
    assert isinstance(made, mido.MidiFile)
    assert (made.type, made.ticks_per_beat) == (1, 480)
    assert file.getvalue() == encode(song, title="Same", bpm=93)


@pytest.mark.parametrize("bpm", [0, -1, 9.99, 1000.5, float("nan"), float("inf")])
def test_a_tempo_that_a_file_cannot_hold_is_refused(bpm: float) -> None:
    with pytest.raises(ValueError, match="BPM"):
        encode(_song(), title="", bpm=bpm)


def test_a_time_that_a_delta_cannot_hold_is_refused() -> None:
    late = Track.of([Note(60, 2.0, 400_000.0, 64)])
    with pytest.raises(ValueError, match="ticks"):
        encode(_song(late), title="")


def test_the_longest_deltas_are_written_whole() -> None:
    song = read_notes(payloads.body([{"name": "Flute", "notes": [payloads.note(60, 21599, 21600)]}]))
    ((note,),) = [track.notes for track in by_mido(encode(song, title="", bpm=1000))]
    assert note[:2] == (172_792_000, 172_800_000)


def test_notes_that_meet_on_a_coarser_grid_become_one() -> None:
    close = [Note(60, index * 0.002, index * 0.002 + 0.002, 80 + index) for index in range(6)]
    song = Song((Track.of(close, name="Piano"),))
    heard = [
        (event.note, event.velocity)
        for event in mido.MidiFile(file=io.BytesIO(encode(song, title="x", bpm=40))).tracks[1]
        if event.type == "note_on" and event.velocity
    ]
    assert 1 <= len(heard) < 6
    assert heard[-1] == (60, 85)
