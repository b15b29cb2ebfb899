import pytest
from msgspec.structs import replace

from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Note, Song, Track


def test_a_track_gives_its_notes_back() -> None:
    notes = [Note(60, 0.0, 1.0, 64), Note(62, 0.5, 1.5, 127)]
    track = Track.of(notes, name="Flute", program=73)
    assert (len(track), list(track)) == (2, notes)


def test_a_song_knows_its_length_and_its_notes() -> None:
    song = Song(
        (Track.of([Note(60, 0, 9, 64), Note(62, 1, 2, 64)]), Track.of([]), Track.of([Note(36, 3, 4, 64)]))
    )
    assert (song.duration_seconds, song.note_count, song.report) == (9.0, 3, Report())


@pytest.mark.parametrize(
    "note",
    [
        Note(128, 0, 1, 64),
        Note(60, 0, 1, 0),
        Note(60, 0, 1, 128),
        Note(60, -0.1, 1, 64),
        Note(60, 1, 0.5, 64),
        Note(60, float("nan"), 1, 64),
        Note(60, 0, float("inf"), 64),
    ],
)
def test_a_track_refuses_a_note_that_no_file_can_hold(note: Note) -> None:
    with pytest.raises(ValueError, match="outside"):
        Track.of([note])


def test_a_track_refuses_other_programs_and_unlike_columns() -> None:
    with pytest.raises(ValueError, match="program"):
        Track.of([], program=128)
    with pytest.raises(ValueError, match="lengths"):
        Track.of([]).with_notes([60], [0.0], [1.0], [])


def test_instruments_that_play_what_others_play_are_not_said_to_have_no_notes() -> None:
    one = Track.of([Note(60, 0, 1, 64), Note(64, 1, 2, 64)], name="Drums", is_drums=True)
    song = normalise([one, replace(one, name="Kit"), replace(one, name="Toms")], Report())
    assert [each.name for each in song.tracks] == ["Drums"]
    assert (song.report.doubled_instruments, song.report.empty_instruments) == (2, 0)
    assert "2 instruments played only what others play and were left out." in song.report.lines()
