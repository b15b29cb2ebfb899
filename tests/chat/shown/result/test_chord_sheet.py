import numpy as np

from bot.chat.shown.result.answer import result
from bot.chat.shown.result.chord_sheet import chord_sheet
from bot.language import ENGLISH
from bot.music.song import Note, Song, Track
from tests.chat.conftest import NOON, a_job
from tests.music.chords.test_hear import AM, C, F, G, song_of
from tests.music.harmonies import compose


def embed_of(song: Song) -> str:
    return result(a_job(), song, NOON, ENGLISH).embeds[0].description or ""


def test_the_answer_tells_chords_in_one_line_where_they_are_sure() -> None:
    assert "\nChords: C Am F G …\n" in embed_of(song_of([C, AM, F, G] * 2))
    assert "Chords" not in embed_of(song_of([C]))


def test_all_chords_come_as_text_to_copy() -> None:
    card = chord_sheet(a_job(), song_of([C, AM, F, G] * 2), ENGLISH)
    head, _, *lines = (card.content or "").splitlines()
    assert head.startswith("Heard from the notes, about ")
    assert lines[:2] == ["1 | C  | Am | F  | G  |", "5 | C  | Am | F  | G  |"]
    assert card.files == ()


def test_it_is_said_where_nobody_knows_the_bars() -> None:
    card = chord_sheet(a_job(), song_of([C, AM, F, G] * 2, bars=None), ENGLISH)
    assert "I don't know where its bars begin" in (card.content or "")


def test_where_no_chords_are_clear_that_is_all_that_is_said() -> None:
    cluster = Track.of([Note(48 + tone, at, at + 0.9, 80) for at in range(8) for tone in range(24)])
    card = chord_sheet(a_job(), Song((cluster,)), ENGLISH)
    assert (card.content, card.files) == ("I hear no clear chords in this song.", ())
    assert "Chords" not in embed_of(Song((cluster,)))


def test_of_drums_it_is_said_that_they_play_none() -> None:
    beats = Track.of([Note(36, at / 4, at / 4 + 0.1, 100) for at in range(256)], is_drums=True)
    card = chord_sheet(a_job(), Song((beats, Track.of([]))), ENGLISH)
    assert card.content == "Only drums play here, and drums play no chords."


def test_what_is_too_long_for_a_message_is_whole_in_a_file() -> None:
    song = compose(np.random.default_rng(8), "strummed", bars=600).song
    card = chord_sheet(a_job(), song, ENGLISH)
    (file,) = card.files
    assert file.name.endswith("-chords.txt")
    assert len(card.content or "") <= 2000
    assert file.data.decode().splitlines()[-1].startswith("601 |")
