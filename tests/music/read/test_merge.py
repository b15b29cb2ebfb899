import pytest

from bot.errors import NotesError
from bot.music.read.merge import merged, read_parts
from bot.music.read.parse import read_notes
from bot.music.report import Report
from bot.music.song import Song
from tests.music.payloads import body, note


def _part(*names: str) -> Song:
    return read_notes(body([{"name": name, "notes": [note(36)]} for name in names]))


def test_a_part_with_one_instrument_is_named_and_voiced_by_its_file() -> None:
    song = merged([("Bass take 2", _part("Synth Voice")), ("kick_01", _part("Acoustic Grand Piano"))])
    assert [(t.name, t.program, t.is_drums, t.guessed) for t in song.tracks] == [
        ("Bass take 2", 33, False, True),
        ("kick_01", 0, True, True),
    ]
    assert song.report == Report(guessed_programs=2)


def test_a_file_name_that_says_nothing_leaves_the_instruments_own_sound() -> None:
    (track,) = merged([("take 7", _part("Flute"))]).tracks
    assert (track.name, track.program, track.guessed) == ("take 7", 73, False)


def test_parts_without_a_name_or_with_several_instruments_keep_their_names() -> None:
    song = merged([(None, _part("Flute")), ("Mix", _part("Violin", "Cello")), ("", _part("Oboe"))])
    assert [track.name for track in song.tracks] == ["Flute", "Violin", "Cello", "Oboe"]


def test_what_happened_to_each_part_is_told_of_the_whole_once() -> None:
    bad = read_notes(body([{"name": "Flute", "notes": [note(), note(200)]}, {"name": "X", "notes": []}]))
    song = merged([("one", bad), ("two", bad), ("drums", _part("Drums")), ("more drums", _part("Drums"))])
    assert song.report == Report(
        pitches_out_of_range=2, empty_instruments=2, doubled_instruments=1, merged_notes=1
    )
    assert [track.name for track in song.tracks] == ["one", "two", "drums"]


def test_parts_are_settled_once_all_together() -> None:
    long, short = body([{"name": "A", "notes": [note(60, 0, 2), note(60, 1, 3)]}]), body([])
    song = read_parts(
        [("lead", long), (None, short), ("kit", body([{"name": "Drums", "notes": [note(36)] * 2}]))]
    )
    assert [len(track) for track in song.tracks] == [2, 1]
    assert (song.report.cut_notes, song.report.merged_notes) == (1, 1)


def test_parts_in_which_nothing_was_heard_are_named() -> None:
    song = read_parts(
        [("bass", body([{"name": "Bass", "notes": [note()]}])), ("horns", b""), ("x", body([]))]
    )
    assert song.silent_parts == ("horns", "x")
    assert read_parts([(None, b"")]).silent_parts == ()


def test_nothing_merged_is_an_empty_song() -> None:
    assert merged([]).tracks == ()
    assert merged([("silence", read_notes(b""))]).tracks == ()


def test_too_many_tracks_together_are_no_song() -> None:
    crowds = [
        read_notes(
            body(
                [{"name": "Flute", "notes": [note(start=at, end=at + 1)]} for at in range(first, first + 600)]
            )
        )
        for first in (0, 600)
    ]
    with pytest.raises(NotesError):
        merged([(None, crowd) for crowd in crowds])
