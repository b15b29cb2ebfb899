import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import ENGLISH
from bot.music.roll.words import describe
from bot.music.song import Note, Song, Track


def test_the_words_say_what_is_to_be_seen() -> None:
    flute = Track.of([Note(60, 0, 1, 60), Note(72, 0.5, 65, 81)], name="Flute")
    drums = Track.of([Note(36, 10, 10.6, 100)], name="Kit", is_drums=True)
    assert describe(Song((flute, drums)), "Night Drive", ENGLISH) == (
        "Piano roll of Night Drive: 3 notes, 2 instruments, 1:05;"
        " time from left to right, pitch from low to high, louder notes brighter."
        " Busiest from 0:00 to 0:06."
        " Flute in blue: 2 notes between C4 and C5, 0:00 to 1:05."
        " Kit in grey, in a lane below: 1 hit on 1 drum of the kit, 0:10 to 0:11."
    )


def test_the_colours_are_those_of_the_picture() -> None:
    few, many = Track.of([Note(60, 0, 1, 60)], name="Few"), Track.of([Note(60, 0, 1, 60)] * 3, name="Many")
    text = describe(Song((few, many)), "", ENGLISH)
    assert "Few in orange" in text
    assert "Many in blue: 3 notes at C4" in text


def test_no_notes_are_said() -> None:
    assert describe(Song(()), "", ENGLISH) == "Piano roll, without notes."


@given(st.lists(st.text(max_size=64), min_size=1, max_size=1000), st.text())
def test_any_number_of_instruments_fits(names: list[str], title: str) -> None:
    text = describe(Song(tuple(Track.of([Note(60, 0, 1, 60)], name=name) for name in names)), title, ENGLISH)
    assert len(text) <= 1024


@pytest.mark.parametrize("count", [20, 400])
def test_what_has_no_room_is_counted(count: int) -> None:
    names = [f"Instrument number {number}" for number in range(count)]
    text = describe(Song(tuple(Track.of([Note(60, 0, 1, 60)], name=name) for name in names)), "", ENGLISH)
    named = sum(f"{name} in " in text for name in names)
    assert text.endswith(f" And {count - named} more instruments.")
    assert named > 5
