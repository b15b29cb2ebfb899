"""Given MIDI files that other programs write wrongly: read as programs that play them do."""

import pytest
from msgspec.structs import replace

from bot.music.read.decode import decode
from bot.music.report import Report
from bot.music.song import Note
from tests.music.given import C4, notes_of, read
from tests.music.score import END, named, riff, smf


@pytest.mark.parametrize(
    ("event", "report"),
    [
        ("00 b0 07 ff", Report()),
        ("00 c0 ff", Report(guessed_programs=1)),
        ("00 e0 ff ff", Report(controls_left_out=1)),
        ("00 90 c8 64  00 80 c8 40", Report(pitches_out_of_range=1)),
        ("00 d0 90", Report()),
    ],
    ids=["volume", "program", "bend", "pitch", "pressure"],
)
def test_a_data_byte_over_127_ends_nothing(event: str, report: Report) -> None:
    song = read(smf(named("Ebass") + C4 + event + C4 + END))
    assert [note.pitch for note in song.tracks[0]] == [60, 60]
    assert replace(song.report, guessed_programs=0) == replace(report, guessed_programs=0)
    assert song.tracks[0].program == 33, "no program is said, so the name says it"


@pytest.mark.parametrize("delta", ["80 80 80 80 00", "80 80 80 80 80 80 00"])
def test_a_number_of_more_bytes_than_there_may_be_is_read(delta: str) -> None:
    assert notes_of(smf(delta + C4.removeprefix("00") + C4 + END)) == notes_of(smf(C4 + C4 + END))


def test_a_number_of_more_bits_than_there_may_be_is_damage() -> None:
    song = read(smf(C4 + "ff ff ff ff 7f" + C4.removeprefix("00") + END))
    assert song.report == Report(damaged_tracks=1)


def test_a_velocity_over_127_is_the_loudest_and_told() -> None:
    song = read(smf("00 90 3c c8  83 60 80 3c 40 " + END))
    assert list(song.tracks[0]) == [Note(60, 0.0, 0.5, 127)]
    assert song.report == Report(velocities_held=1)


@pytest.mark.parametrize(
    "event", ["f8", "fe", "f1 10", "f2 01 01", "f3 01", "f4", "f5", "f6", "f9", "fa", "fd"]
)
def test_what_belongs_on_a_cable_is_passed_over(event: str) -> None:
    assert notes_of(smf(f"00 90 3c 64  0a {event}  83 56 80 3c 40 " + END)) == [Note(60, 0.0, 0.5, 100)]


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\0\x09plain.mid" + bytes(117),
        b"\r\n\r\n",
        b"RIFF\0\0\0\0RMIDdata\0\0\0\0",
        b"RIFF\xff\xff\xff\xffRMIDdata\xff\xff\xff\xff",
        b"MThd\0\0\0\6\0\3\0\0\0\0",
    ],
    ids=[
        "UTF-8's mark",
        "UTF-16's mark",
        "MacBinary",
        "line ends",
        "RIFF of no size",
        "RIFF of any size",
        "another header",
    ],
)
def test_what_a_file_is_wrapped_in_is_passed_over(before: bytes) -> None:
    assert decode(before + smf(C4 + END)) == decode(smf(C4 + END))


def test_a_file_inside_of_riff_is_the_same_file() -> None:
    assert decode(riff(smf(C4 + END))) == decode(smf(C4 + END))
