import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.music.song import Note, Song, Track
from bot.sound.liveliest import liveliest


def even(start: float, end: float, step: float, *, velocity: int = 80, name: str = "Piano") -> Track:
    times = np.arange(start, end, step)
    return Track.of([Note(60, float(time), float(time) + step / 2, velocity) for time in times], name=name)


def test_a_short_song_is_played_from_its_start() -> None:
    assert liveliest(Song((even(5, 29, 1),)), 30) == 0
    assert liveliest(Song(()), 30) == 0


def test_the_part_with_most_notes_is_taken() -> None:
    busy = Song((even(0, 200, 2), even(100, 130, 0.25)))
    assert liveliest(busy, 30) == pytest.approx(100, abs=1)


def test_loud_outweighs_soft() -> None:
    song = Song((even(0, 60, 1, velocity=20), even(60, 90, 1, velocity=120), even(90, 200, 1, velocity=20)))
    assert liveliest(song, 30) == pytest.approx(60, abs=1)


def test_a_band_outweighs_a_trill() -> None:
    trill = even(10, 40, 0.05)
    band = [even(100, 130, 0.5, name=f"Part {n}") for n in range(6)]
    assert liveliest(Song((even(0, 200, 2), trill, *band)), 30) == pytest.approx(100, abs=1)


def test_it_begins_just_before_a_note() -> None:
    assert liveliest(Song((even(0, 100, 10), even(100.1, 130, 0.5))), 20) == pytest.approx(100.05, abs=0.001)


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 20)), min_size=1, max_size=60),
    st.floats(0.5, 200),
)
def test_the_part_lies_inside_the_song(made: list[tuple[float, float]], seconds: float) -> None:
    song = Song((Track.of([Note(60, start, start + length, 80) for start, length in made]),))
    start = liveliest(song, seconds)
    assert start >= 0
    assert start + seconds <= song.duration_seconds + 1e-6 or start == 0
