from typing import Any

import pytest
from hypothesis import given

from bot.music.read.parse import read_notes
from bot.music.song import Note, Song, Track
from bot.music.summary import summarise
from tests.music.payloads import body, instruments


def test_a_song_in_numbers() -> None:
    flute = Track.of([Note(60, 0, 1, 60), Note(63, 0.5, 2, 81), Note(72, 4, 5, 90)], name="Flute", program=73)
    drums = Track.of([Note(36, 0, 0.6, 100), Note(38, 1, 1.5, 100), Note(36, 9.5, 10, 100)], is_drums=True)
    summary = summarise(Song((flute, drums)))
    first, second = summary.instruments
    assert (first.name, first.notes, first.lowest, first.highest, first.pieces) == ("Flute", 3, 60, 72, 0)
    assert first.sounding_share == pytest.approx(0.3)
    assert second.pieces == 2
    assert second.sounding_share == pytest.approx(0.16)
    assert (summary.duration_seconds, summary.notes, summary.most_notes_at_once) == (10, 6, 3)


def test_a_note_that_ends_where_another_begins_does_not_sound_with_it() -> None:
    track = Track.of([Note(60, 0, 1, 64), Note(62, 1, 2, 64)])
    assert summarise(Song((track,))).most_notes_at_once == 1


def test_a_song_without_notes_is_zeros() -> None:
    summary = summarise(read_notes(b""))
    assert summary.instruments == ()
    assert (summary.duration_seconds, summary.notes, summary.most_notes_at_once) == (0, 0, 0)
    assert (summary.hints.tempo, summary.hints.key) == (None, None)


@given(instruments)
def test_numbers_agree_with_the_notes_of_any_song(made: list[dict[str, Any]]) -> None:
    song = read_notes(body(made))
    summary = summarise(song)
    notes = [note for track in song.tracks for note in track]
    assert summary.notes == len(notes) == sum(one.notes for one in summary.instruments)
    assert summary.duration_seconds == max((note.end_seconds for note in notes), default=0)
    assert summary.most_notes_at_once == max(
        (sum(n.start_seconds <= at.start_seconds < n.end_seconds for n in notes) for at in notes), default=0
    )
    for one in summary.instruments:
        assert 0 < one.sounding_share <= 1 + 1e-9
        assert 0 <= one.lowest <= one.highest <= 127
