"""What is said of a copy, and the tempo that one begins with."""

import io

import mido
import pytest
from msgspec.structs import replace

from bot.chat.shown.result import copies
from bot.language import ENGLISH, language_of
from bot.music.meter.given import given_bars
from bot.music.song import Note, Song, StatedTempo, Track
from bot.music.stored import StoredBars
from tests.chat.conftest import a_job


def steady() -> Song:
    """A note each half second: 120 BPM."""
    return Song((Track.of([Note(60, beat / 2, beat / 2 + 0.2, 90) for beat in range(64)], name="Piano"),))


def jig() -> Song:
    """Bars of 6/8 in a given file of 90 quarters a minute."""
    bars = given_bars(StoredBars(480, [(0, 666_667)], [(0, 6, 8)]))
    return replace(steady(), stated_tempo=StatedTempo(90, 90), bars=bars)


def said(midi: bytes) -> tuple[float, tuple[int, int]]:
    """Quarters a minute, to 0.01, and time signature of a file."""
    told = {message.type: message for message in mido.MidiFile(file=io.BytesIO(midi)).tracks[0]}
    meter = told["time_signature"]
    return round(mido.tempo2bpm(told["set_tempo"].tempo), 2), (meter.numerator, meter.denominator)


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


def test_of_six_eighths_a_tempo_is_one_of_dotted_quarters_and_says_so() -> None:
    assert copies.likely_tempo(a_job(), jig(), ENGLISH) == 60
    made = copies.at_tempo(a_job(), jig(), ENGLISH, bpm=62)
    assert made.name == "Night-Drive-62-bpm-dotted.mid"
    assert made.description == "As played, with bar lines at 62 BPM (dotted quarters)."
    assert said(made.data) == (93, (6, 8))


@pytest.mark.parametrize("bpm", [None, 60.0])
def test_a_quantised_copy_of_six_eighths_is_at_the_same_tempo_typed_or_not(bpm: float | None) -> None:
    made = copies.on_grid(a_job(), jig(), ENGLISH, grid="1/8", strength=1.0, bpm=bpm)
    assert made.name == "Night-Drive-1-8-60-bpm-dotted.mid"
    assert made.description == "Quantised to 1/8 notes, at 60 BPM (dotted quarters)."
    assert said(made.data) == (90, (6, 8))
    file = mido.MidiFile(file=io.BytesIO(made.data))
    now, starts = 0, []
    for message in file.tracks[1]:
        now += message.time
        starts += [now] * (message.type == "note_on" and message.velocity > 0)
    assert {start % 240 for start in starts} == {0}
