import numpy as np

from bot.chat.shown.chord_sheet import chord_sheet
from bot.chat.shown.results import result
from bot.language import ENGLISH
from bot.music.song import Song
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


def test_what_is_too_long_for_a_message_is_whole_in_a_file() -> None:
    song = compose(np.random.default_rng(8), "strummed", bars=600).song
    card = chord_sheet(a_job(), song, ENGLISH)
    (file,) = card.files
    assert file.name.endswith("-chords.txt")
    assert len(card.content or "") <= 2000
    assert file.data.decode().splitlines()[-1].startswith("601 |")
