"""MIDI files that somebody gives: read as given, or refused with one sentence."""

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.music.errors import MidiDamagedError, MidiEmptyError
from bot.music.read.decode import decode
from bot.music.read.parse import read_notes
from bot.music.report import Report
from bot.music.song import Note, Song, Track
from bot.music.write.encode import encode
from tests.music.given import C4, notes_of, read
from tests.music.readers import by_symusic
from tests.music.score import END, chunk, meta, named, riff, smf, tempo
from tests.music.synthetic import song_at


def sounds(song: Song) -> list[tuple[str, int, bool, bool]]:
    return [(track.name, track.program, track.is_drums, track.guessed) for track in song.tracks]


def test_notes_are_read_as_given() -> None:
    assert notes_of(smf(C4 + END)) == [Note(60, 0.0, 0.5, 100)]


def test_running_status_holds_over_meta_events_and_an_on_of_no_loudness_ends_a_note() -> None:
    track = "00 90 3c 01  81 70 3c 00  00 ff 01 01 2e  00 3e 7f  81 70 3e 00 "
    assert notes_of(smf(track + END)) == [Note(60, 0.0, 0.25, 1), Note(62, 0.25, 0.5, 127)]


def test_tempos_of_any_track_count_for_all() -> None:
    conductor = tempo(1_000_000) + "83 60 ff 51 03 03 d0 90 " + END  # 60 BPM for a quarter, then 240
    (track,) = read(smf(conductor, "83 60 90 3c 64  83 60 80 3c 00 " + END)).tracks
    assert list(track) == [Note(60, 1.0, 1.25, 100)]


def test_a_tempo_of_nothing_is_no_tempo() -> None:
    assert notes_of(smf(tempo(0) + C4 + END)) == [Note(60, 0.0, 0.5, 100)]


@pytest.mark.parametrize(
    ("division", "seconds"),
    [
        (0xE728, 0.48),  # 25 frames a second of 40 ticks
        (0xE350, 480 / 80 * 1001 / 30_000),  # 29.97 frames a second of 80
        (0x0078, 2.0),  # 120 ticks a quarter
    ],
)
def test_the_header_says_how_long_a_tick_is(division: int, seconds: float) -> None:
    (note,) = notes_of(smf(C4 + END, division=division))
    assert note.end_seconds == pytest.approx(seconds, abs=1e-6)


def test_smpte_knows_no_tempo() -> None:
    assert notes_of(smf(tempo(1_000_000) + C4 + END, division=0xE728))[0].end_seconds == 0.48


@pytest.mark.parametrize(
    ("data", "slowest_and_fastest"),
    [
        (smf(C4 + END), None),
        (smf(tempo(645_161) + END, C4 + END), (93, 93)),
        (
            smf(tempo(500_000) + tempo(1_000_000) + C4 + END),
            (60, 60),
        ),  # the last of several at one tick holds
        (smf(tempo(1_000_000) + C4 + tempo(250_000) + END), (60, 60)),  # no note is as fast as the end
        (smf("83 60 ff 51 03 0f 42 40" + C4 + END), (60, 60)),  # nor as slow as the time before the first
        (smf(tempo(1_000_000) + C4 + tempo(500_000) + C4 + tempo(750_000) + C4 + END), (60, 120)),
        (smf("83 60 ff 51 03 0f 42 40" + END, C4 * 2 + END), (60, 120)),  # 120 until it is said otherwise
        (smf(tempo(1_000_000) + C4 + END, C4 + END, kind=2), (60, 120)),
        (smf(tempo(1_000_000) + C4 + END, division=0xE728), None),
    ],
)
def test_the_tempo_that_notes_are_played_at_is_kept(
    data: bytes, slowest_and_fastest: tuple[float, float] | None
) -> None:
    assert read(data).stated_tempo == slowest_and_fastest


def test_patterns_of_type_2_follow_one_another_each_at_its_own_tempo() -> None:
    file = smf(tempo(1_000_000) + C4 + END, C4 + END, kind=2)
    assert [list(track) for track in read(file).tracks] == [
        [Note(60, 0.0, 1.0, 100)],
        [Note(60, 1.0, 1.5, 100)],
    ]


def test_programs_are_kept_and_not_guessed() -> None:
    song = read(smf(named("Bass") + "00 c0 28 " + C4 + END))
    assert sounds(song) == [("Bass", 40, False, False)]
    assert song.report == Report()


def test_a_program_that_is_not_said_is_guessed_from_the_name() -> None:
    assert sounds(read(smf(named("Bass") + C4 + END))) == [("Bass", 33, False, False)]
    assert sounds(read(smf(named("Bass take 2") + C4 + END))) == [("Bass take 2", 33, False, True)]


def test_without_program_and_name_it_is_a_piano() -> None:
    assert sounds(read(smf(C4 + END))) == [("Acoustic Grand Piano", 0, False, False)]


def test_channel_10_plays_drums_whatever_its_program_and_name() -> None:
    file = smf(
        named("Violin") + "00 c9 28  00 99 24 64  10 89 24 00 " + END, "00 99 26 64  10 89 26 00 " + END
    )
    assert sounds(read(file)) == [("Violin", 0, True, False), ("Drums", 0, True, False)]


def test_a_program_change_begins_another_instrument() -> None:
    file = smf(named("Guitars") + "00 c0 19 " + C4 + "00 c0 1d " + C4 + END)
    assert sounds(read(file)) == [
        ("Guitars · Acoustic Guitar (steel)", 25, False, False),
        ("Guitars · Overdriven Guitar", 29, False, False),
    ]


def test_a_program_chosen_in_another_track_counts_unless_the_track_has_its_own() -> None:
    conductor = "00 c0 28  00 c1 29 " + END
    file = smf(conductor, C4 + END, "00 c1 2a  00 91 3c 64  60 81 3c 00 " + END)
    assert [track.program for track in read(file).tracks] == [40, 42]


def test_one_track_of_many_channels_is_an_instrument_each() -> None:
    track = (
        named("Etude")
        + "00 c1 28  00 90 3c 64  00 91 40 64  00 92 43 64  60 80 3c 00  00 81 40 00  00 82 43 00 "
    )
    names = [track.name for track in read(smf(track + END, kind=0)).tracks]
    assert names == ["Acoustic Grand Piano", "Violin", "Acoustic Grand Piano 2"]


def test_the_name_of_the_only_track_of_type_0_is_the_songs_and_no_instruments() -> None:
    assert sounds(read(smf(named("Bass line") + C4 + END, kind=0)))[0][0] == "Acoustic Grand Piano"


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Violoncelle", "ascii"),
        ("ピアノ", "utf-8"),
        ("ピアノ右手", "cp932"),
        ("弦楽", "cp932"),
        ("钢琴主旋律", "gb18030"),
        ("吉他", "gb18030"),
        ("피아노 선율", "euc-kr"),
        ("Гитара соло", "cp1251"),
        ("ПИАНИНО", "cp1251"),
        ("Klavier", "utf-16"),
        ("Гитара", "utf-16"),
        ("Klavier", "utf-16-le"),
        ("Гитара", "utf-8-sig"),
        ("Contrebasse à cordes", "cp1252"),
        ("Voz é", "cp1252"),
        ("Flöte", "latin-1"),
        ("Guitare électrique", "cp1252"),
    ],
)
def test_names_are_read_in_the_encoding_they_are_in(name: str, encoding: str) -> None:
    assert sounds(read(smf(named(name, encoding) + "00 c0 10 " + C4 + END)))[0][0] == name


def test_one_file_is_in_one_encoding() -> None:
    file = smf(*(named(name, "cp949") + "00 c0 10 " + C4 + END for name in ("이", "장구", "바이올린 독주")))
    assert [track.name for track in read(file).tracks] == ["이", "장구", "바이올린 독주"]


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "玫瑰"), ("ko", "추백")])
def test_of_encodings_that_fit_alike_the_readers_is_taken(locale: str, name: str) -> None:
    raw = "玫瑰".encode("gb18030")
    file = smf(meta(3, raw) + "00 c0 10 " + C4 + END)
    if locale == "ko":
        name = raw.decode("cp949")
    assert read_notes(decode(file, locale)).tracks[0].name == name


def test_an_instruments_name_stands_in_for_that_of_its_track() -> None:
    file = smf(meta(3, b" \0") + meta(4, b"Oboe") + C4 + END)
    assert sounds(read(file)) == [("Oboe", 68, False, False)]


def test_notes_that_never_end_end_with_their_track_and_are_counted() -> None:
    song = read(smf("00 90 3c 64  83 60 b0 07 40 " + END))
    assert list(song.tracks[0]) == [Note(60, 0.0, 0.5, 100)]
    assert song.report == Report(unclosed_notes=1)


def test_overlapping_notes_of_one_pitch_end_in_their_order() -> None:
    song = read(smf("00 90 3c 64  60 90 3c 50  60 80 3c 00  60 80 3c 00 " + END))
    assert [(note.start_seconds, note.end_seconds) for note in song.tracks[0]] == [(0.0, 0.1), (0.1, 0.3)]
    assert song.report == Report(cut_notes=1)


def test_moves_of_pedals_and_bends_are_told_of() -> None:
    track = "00 b0 40 7f  00 b0 07 50  00 e0 00 50  00 d0 11  00 a0 3c 11 " + C4
    assert read(smf(track + END)).report == Report(controls_left_out=2)


def test_sysex_other_chunks_and_a_longer_header_are_passed_over() -> None:
    track = "00 f0 05 7e 7f 09 01 f7  00 f7 02 f3 01 " + C4
    file = chunk(b"MThd", bytes.fromhex("00 01 00 09 01 e0 aa bb")) + chunk(b"XFIH", b"karaoke")
    assert read(file + chunk(b"MTrk", bytes.fromhex(track + END))).note_count == 1


def test_a_track_without_its_end_is_whole() -> None:
    assert read(smf(C4)).report == Report()


def test_what_comes_after_an_end_of_track_is_nothing() -> None:
    assert read(smf(C4 + END + C4)).note_count == 1


@pytest.mark.parametrize(
    "rest",
    ["00 f0 7f 01", "ff ff ff ff 7f 90 3c 64", "00 ff 03", "00 90 3c"],
    ids=[
        "sysex over the end",
        "endless delta",
        "half a meta",
        "half a note",
    ],
)
def test_a_track_is_kept_up_to_where_it_is_damaged(rest: str) -> None:
    song = read(smf(C4 + rest))
    assert list(song.tracks[0]) == [Note(60, 0.0, 0.5, 100)]
    assert song.report == Report(damaged_tracks=1)


def test_without_notes_in_what_is_left_of_a_file_it_is_damaged() -> None:
    tempos = smf(tempo(500_000) + END, C4 + END)[: len(smf(tempo(500_000) + END))]
    with pytest.raises(MidiDamagedError):
        decode(tempos)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MThd",
        b"MThd\0\0\0\6\0\1\0\1",
        smf(),
        smf(C4 + END, kind=3),
        smf(C4 + END, division=0),
        smf(C4 + END, division=0xE800),
        smf("90"),
        b"RIFF\x10\0\0\0RMIDdata",
        b"ID3 and words",
    ],
)
def test_what_cannot_be_read_is_one_sentence(data: bytes) -> None:
    with pytest.raises(MidiDamagedError) as caught:
        decode(data)
    assert caught.value.sentence.startswith("This MIDI file is damaged")


def test_a_file_without_notes_is_said_to_have_none() -> None:
    with pytest.raises(MidiEmptyError):
        decode(smf(named("Silence") + "00 b0 40 7f " + END))


def test_notes_beyond_six_hours_are_counted() -> None:
    hours = "00 90 3e 64  ff ff ff 7f 80 3e 00 "  # 2^28 ticks at 120 BPM are 77 hours
    assert read(smf(C4 + hours + END)).report == Report(times_too_late=1)
    with pytest.raises(MidiDamagedError):
        decode(smf(hours + END))


@pytest.mark.parametrize("seed", range(3))
def test_what_this_program_writes_is_read_back_as_it_was(seed: int) -> None:
    played = song_at(97 + seed, tonic=seed, is_minor=False, seed=seed)
    song = Song(tuple(replace(track, name=f"Part {at}") for at, track in enumerate(played.tracks)))
    written = encode(song, title="Round trip")
    again = encode(read(written), title="Round trip")
    assert by_symusic(again) == by_symusic(written)


@given(st.data())
def test_a_damaged_file_is_a_song_or_an_error_that_people_can_read(data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(_WHOLE)))
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at] = data.draw(st.integers(0, 255))
    del file[data.draw(st.integers(0, len(file))) :]
    _holds(bytes(file))


@given(st.binary(max_size=300), st.integers(0, 2))
def test_any_bytes_behind_a_header_are_a_song_or_an_error(track: bytes, kind: int) -> None:
    _holds(smf(track, C4 + END, kind=kind))


def _holds(file: bytes) -> None:
    try:
        song = read(file)
    except (MidiDamagedError, MidiEmptyError):
        return
    assert song.note_count
    assert encode(song, title="Any")


def _by_mido() -> bytes:
    """A file with everything, as another program writes it."""
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    lead = file.add_track("Lead")
    lead.append(mido.MetaMessage("set_tempo", tempo=400_000))
    lead.append(mido.MetaMessage("lyrics", text="la"))
    lead.append(mido.Message("sysex", data=range(20)))
    lead.append(mido.Message("program_change", program=80))
    for pitch in range(60, 72):
        lead.append(mido.Message("note_on", note=pitch, velocity=pitch, time=10))
        lead.append(mido.Message("pitchwheel", pitch=pitch, time=3))
        lead.append(mido.Message("note_off", note=pitch, time=40))
    kit = file.add_track("Kit")
    for piece in (36, 38, 42, 46):
        kit.append(mido.Message("note_on", channel=9, note=piece, velocity=90, time=24))
        kit.append(mido.Message("note_on", channel=9, note=piece, velocity=0, time=24))
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


_WHOLE = [
    _by_mido(),
    riff(_by_mido()),
    encode(Song((Track.of([Note(60, 0, 1, 90)], name="Flute"),)), title="One"),
]


def test_a_file_of_another_program_is_read_as_another_reader_reads_it() -> None:
    song = read(_by_mido())
    assert sounds(song) == [("Lead", 80, False, False), ("Kit", 0, True, False)]
    lead, kit = [track for track in by_symusic(_by_mido()) if track.notes]
    tick = 0.4 / 96
    for track, expected in zip(song.tracks, (lead, kit), strict=True):
        assert [(n.pitch, n.velocity) for n in track] == [(n.pitch, n.velocity) for n in expected.notes]
        assert [n.start_seconds for n in track] == pytest.approx(
            [n.start * tick for n in expected.notes], abs=2e-6
        )
        assert [n.end_seconds for n in track] == pytest.approx(
            [n.end * tick for n in expected.notes], abs=2e-6
        )
