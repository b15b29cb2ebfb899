"""What is said of a copy, and the tempo that one begins with."""

import pytest

from bot.chat.shown.result import copies
from bot.language import ENGLISH, language_of
from bot.music.song import Note, Song, Track
from tests.chat.conftest import a_job


def steady() -> Song:
    """A note each half second: 120 BPM."""
    return Song((Track.of([Note(60, beat / 2, beat / 2 + 0.2, 90) for beat in range(64)], name="Piano"),))


def wandering() -> Song:
    """Twelve notes whose distances have nothing in common."""
    starts = [0.0, 0.31, 1.07, 1.2, 2.9, 3.33, 4.71, 4.93, 6.58, 7.09, 8.8, 9.17]
    return Song((Track.of([Note(60, start, start + 0.05, 90) for start in starts], name="Piano"),))


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ("1/8", "Quantised to 1/8 notes, at 93.5 BPM."),
        ("1/16T", "Quantised to 1/16 triplets, at 93.5 BPM."),
    ],
)
def test_a_copy_says_its_grid_as_players_do(grid: str, told: str) -> None:
    made = copies.on_grid(a_job(), steady(), ENGLISH, grid=grid, strength=1.0, bpm=93.5)
    assert made.description == told


def test_a_weaker_copy_says_how_far_its_notes_went() -> None:
    made = copies.on_grid(a_job(), steady(), ENGLISH, grid="1/8", strength=0.5, bpm=120)
    assert made.description == "Quantised to 1/8 notes, at 120 BPM. Each note moved 50% of the way there."


def test_numbers_are_written_as_in_the_language() -> None:
    made = copies.on_grid(a_job(), steady(), language_of("de"), grid="1/8", strength=0.5, bpm=93.5)
    assert "93,5 BPM" in made.description
    assert "50\u00a0%" in made.description


def test_a_sure_tempo_is_offered() -> None:
    assert copies.likely_tempo(a_job(), steady(), ENGLISH) == pytest.approx(120, rel=0.01)


def test_a_doubtful_tempo_is_not_offered_and_called_a_guess() -> None:
    assert copies.likely_tempo(a_job(), wandering(), ENGLISH) is None
    made = copies.on_grid(a_job(), wandering(), ENGLISH, grid="1/8", strength=1.0, bpm=None)
    assert made.description.endswith("That tempo is only a guess; you can type in another one.")
