import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from bot.music.clock_time import clock_time
from bot.music.roll.labels import drawable, shortened, told_apart


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Electric Bass (finger)", "Electric Bass (finger)"),
        ("Flûte à bec", "Flute a bec"),
        ("Straße", "Strasse"),
        ("Fis♯ – Solo", "Fis# - Solo"),
        ("ピアノ", "-"),
        ("Скрипка 2", "-"),
        ("ピアノ (Piano)", "Piano"),
        ("기타 Guitar", "Guitar"),
        ("808", "808"),
        ("", "-"),
        ("🎹", "-"),
    ],
)
def test_names_become_what_the_font_can_write(name: str, label: str) -> None:
    assert drawable(name, "-") == label


@given(st.text())
def test_a_label_has_no_letter_that_the_font_lacks(name: str) -> None:
    font = ImageFont.load_default(36)
    missing = bytes(font.getmask("\uffff"))
    label = drawable(name, "Track 1")
    assert label
    assert all(bytes(font.getmask(letter)) != missing for letter in label)


@given(st.text(), st.integers(2, 40))
def test_a_shortened_text_has_at_most_so_many_characters(text: str, characters: int) -> None:
    short = shortened(text, characters)
    assert len(short) <= characters
    assert short == text or short.endswith("…") or short[2:4] == ". "


def test_names_that_begin_alike_are_told_apart() -> None:
    names = ["Acoustic Grand Piano", "Acoustic Guitar", "Electric Bass (finger)", "Flute", "Glockenspiel"]
    assert [shortened(name, 11) for name in names] == [
        "Ac. Grand…",
        "Ac. Guitar",
        "El. Bass…",
        "Flute",
        "Glockenspi…",
    ]


def test_times_grow_hours_when_needed() -> None:
    assert [clock_time(seconds) for seconds in (0, 59.6, 65, 3599, 3600, 21600)] == [
        *("0:00", "1:00", "1:05", "59:59", "1:00:00", "6:00:00")
    ]


@pytest.mark.parametrize("characters", [9, 11, 14, 17])
def test_names_that_begin_alike_and_end_unlike_are_cut_inside(characters: int) -> None:
    names = [f"Instrument number {number} of the band" for number in range(1, 16)]
    told = told_apart([*names, "Flute", "Flute"], 22)
    assert len(set(told[:15])) == 1 + 14, told
    ends = told_apart([f"Instrument number {number}" for number in range(1, 16)], characters)
    assert len(set(ends)) == 15, ends
    assert max(map(len, ends)) <= characters
    assert told[15:] == ["Flute", "Flute"]


def test_names_that_differ_nowhere_that_is_shown_are_still_shortened() -> None:
    told = told_apart([f"a{'b' * 40}{number}{'c' * 40}" for number in range(3)], 11)
    assert max(map(len, told)) <= 11
