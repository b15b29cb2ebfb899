"""What is said of a sheet, its file names and its menus."""

from msgspec.structs import replace

from bot.chat.shown.controls import Menu
from bot.chat.shown.result import sheets
from bot.jobs.song_part import SongPart, Source
from bot.language import ENGLISH
from bot.music.song import Note, Song, Track
from bot.music.view.view import View
from tests.chat.conftest import a_job

NOTES = [Note(60 + beat % 5, beat / 2, beat / 2 + 0.4, 80) for beat in range(16)]


def band(*names: str) -> Song:
    return Song(tuple(Track.of(NOTES, name=name) for name in names))


def test_every_one_of_sixty_instruments_can_be_chosen() -> None:
    shown = sheets.sheet(a_job(), band(*map(str, range(60))), ENGLISH, number=sheets.ALL)
    menus = [one for one in shown.card.controls if isinstance(one, Menu)]
    assert [choice.value for menu in menus for choice in menu.choices] == [str(place) for place in range(61)]
    assert all(len(menu.choices) <= 25 for menu in menus)
    assert len({menu.page for menu in menus}) == len(menus)


def test_notes_that_cannot_be_written_are_counted() -> None:
    crowd = Track.of([Note(60, 1 + at / 500, 1 + at / 500 + 0.001, 80) for at in range(5)], name="P")
    shown = sheets.sheet(a_job(), Song((crowd,)), ENGLISH, number=sheets.ALL)
    assert "4 notes are too short or too close to others to be written." in (shown.card.content or "")
    whole = sheets.sheet(a_job(), band("P"), ENGLISH, number=sheets.ALL)
    assert "too short" not in (whole.card.content or "")


def test_a_part_in_another_key_says_so_and_has_its_own_name() -> None:
    view = View(2, 1.0, 4.0)
    song = Song(band("P").tracks, view=view)
    shown = sheets.sheet(replace(a_job(), view=view), song, ENGLISH, number=sheets.ALL)
    assert "2 semitones higher. Only from 0:01 to 0:04." in (shown.card.content or "")
    assert shown.stem.endswith("-from-0-01-to-0-04-up-2")


def test_of_a_given_file_nobody_is_sent_to_what_it_has_not() -> None:
    part = SongPart(kind=Source.ATTACHMENT, name="song.mid", source=None, is_score=True)
    given = sheets.sheet(replace(a_job(), parts=(part,)), band("P"), ENGLISH, number=sheets.ALL)
    assert "Bars…" not in (given.card.content or "")
    assert "The file doesn't say where its bars begin" in (given.card.content or "")
    heard = sheets.sheet(a_job(), band("P"), ENGLISH, number=sheets.ALL)
    assert "Bars…" in (heard.card.content or "")


def test_names_that_the_pages_cannot_have_are_told() -> None:
    shown = sheets.sheet(a_job(), band("Bass", "\u30d9\u30fc\u30b9"), ENGLISH, number=sheets.ALL)
    assert "Track 2: \u30d9\u30fc\u30b9" in (shown.card.content or "")
    assert "Track 1" not in (shown.card.content or "")
