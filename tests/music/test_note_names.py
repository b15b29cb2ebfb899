"""Notes are called as the key and the reader's language call them."""

import pytest

from bot.language import ENGLISH, language_of
from bot.music.heard.key import Key
from bot.music.note_names import NoteNames


@pytest.mark.parametrize(("pitch", "name"), [(0, "C-1"), (21, "A0"), (60, "C4"), (61, "C♯4"), (127, "G9")])
def test_without_a_key_notes_have_sharps_and_middle_c_is_c4(pitch: int, name: str) -> None:
    assert NoteNames(None, ENGLISH)(pitch) == name


@pytest.mark.parametrize(
    ("key", "octave"),
    [
        ("G minor", "C C♯ D E♭ E F F♯ G A♭ A B♭ B"),
        ("C major", "C D♭ D E♭ E F F♯ G A♭ A B♭ B"),
        ("E major", "C C♯ D D♯ E F F♯ G G♯ A A♯ B"),
        ("A minor", "C C♯ D D♯ E F F♯ G G♯ A B♭ B"),
        ("D♭ major", "C D♭ D E♭ E F G♭ G A♭ A B♭ B"),
        ("F♯ major", "C C♯ D D♯ E F F♯ G G♯ A A♯ B"),
    ],
)
def test_a_key_decides_between_sharps_and_flats(key: str, octave: str) -> None:
    name = NoteNames(Key(key, 1.0), ENGLISH)
    assert [name(pitch) for pitch in range(60, 72)] == [f"{letter}4" for letter in octave.split()]


def test_a_doubtful_key_decides_nothing() -> None:
    assert NoteNames(Key("G minor", 0.01), ENGLISH)(70) == "A♯4"


@pytest.mark.parametrize(
    ("key", "pitch", "name"), [("G minor", 70, "B4"), ("E minor", 71, "H4"), ("E minor", 66, "Fis4")]
)
def test_german_has_b_and_h(key: str, pitch: int, name: str) -> None:
    assert NoteNames(Key(key, 1.0), language_of("de"))(pitch) == name
