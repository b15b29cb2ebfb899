"""Which part of a song is shown, and what is seen around it."""

import numpy as np
import pytest

from bot.music.roll.legend import hues
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars
from bot.video.errors import NothingToSeeError
from bot.video.shot import Which, can_be_whole, shot
from tests.video.songs import kit, piano, scale


def test_half_a_minute_of_a_long_song_is_its_liveliest_part() -> None:
    sparse = [Note(60, n * 5, n * 5 + 1, 50) for n in range(40)]
    lively = [Note(84, 120 + n / 4, 120.2 + n / 4, 110) for n in range(120)]
    made = shot(piano(*sparse, *lively), "Song", Which.LIVELIEST, 30)
    assert made.start_seconds == pytest.approx(120, abs=0.5)
    assert made.seconds == 30
    assert not made.is_whole
    assert made.heard.note_count >= 120


def test_the_beginning_and_the_whole_can_be_had_instead() -> None:
    song = piano(*scale(200))
    begin, whole = (shot(song, "Song", which, 30) for which in (Which.BEGINNING, Which.WHOLE))
    assert (begin.start_seconds, begin.seconds, begin.is_whole) == (0, 30, False)
    assert (whole.start_seconds, whole.is_whole) == (0, True)
    assert whole.seconds == song.duration_seconds + 2, "the last note rings out"


@pytest.mark.parametrize("which", list(Which))
def test_a_song_that_is_hardly_longer_is_shown_whole(which: Which) -> None:
    assert shot(piano(*scale(70)), "Song", which, 30).is_whole


def test_a_song_of_twenty_minutes_is_never_shown_whole() -> None:
    song = piano(*scale(2400))
    assert not can_be_whole(song)
    assert shot(song, "Song", Which.WHOLE, 30).seconds == 30


def test_without_notes_there_is_nothing_to_see() -> None:
    with pytest.raises(NothingToSeeError):
        shot(Song(()), "Song", Which.LIVELIEST, 30)
    with pytest.raises(NothingToSeeError):
        shot(piano(Note(60, 100, 101, 90)), "Song", Which.BEGINNING, 30)


def test_instruments_keep_the_colours_that_they_have_in_the_picture() -> None:
    early = Track.of(scale(400, 0.1), name="Flute")
    late = Track.of([Note(50, 60 + n, 60.5 + n, 127) for n in range(20)], name="Bass")
    song = Song((early, late, kit(80)))
    made = shot(song, "Song", Which.BEGINNING, 10)
    assert made.hues == hues(song)
    assert {entry.name: entry.hue for entry in made.legend} == {
        "Flute": hues(song)[0],
        "Drums": hues(song)[2],
    }, "who is not heard in the part is not named"


def test_lines_are_bars_where_they_are_known_and_else_seconds() -> None:
    song = piano(*scale(20))
    barred = Song(song.tracks, bars=Bars.plain(150.0))
    assert shot(song, "", Which.WHOLE, 30).lines[:3] == (0, 1, 2)
    assert np.diff(shot(barred, "", Which.WHOLE, 30).lines) == pytest.approx(1.6, abs=1e-4)


@pytest.mark.parametrize(("title", "shown"), [("Café", "Cafe"), ("夜に駆ける", ""), ("夜 Racing", "Racing")])
def test_titles_are_written_as_on_the_picture(title: str, shown: str) -> None:
    assert shot(piano(*scale(4)), title, Which.WHOLE, 30).title == shown
