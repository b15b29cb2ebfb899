import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.music.song import Track
from bot.score.instruments.fretboard import BASS, GUITAR, Place, fingerings, tuning_of

CHORDS = st.lists(st.lists(st.integers(28, 90), min_size=1, max_size=8), min_size=1, max_size=20)


@given(CHORDS, st.sampled_from([GUITAR, BASS]))
def test_each_note_is_where_it_sounds_and_no_string_has_two(
    chords: list[list[int]], tuning: tuple[int, ...]
) -> None:
    for chord, way in zip(chords, fingerings(chords, tuning), strict=True):
        assert set(way) <= set(chord)
        assert all(tuning[place.string - 1] + place.fret == pitch for pitch, place in way.items())
        assert len({place.string for place in way.values()}) == len(way)
        fretted = [place.fret for place in way.values() if place.fret]
        assert not fretted or max(fretted) - min(fretted) <= 3


def test_an_open_chord_is_played_as_every_book_has_it() -> None:
    e_major = [40, 47, 52, 56, 59, 64]
    (way,) = fingerings([e_major], GUITAR)
    assert [way[pitch] for pitch in e_major] == [
        Place(6, 0), Place(5, 2), Place(4, 2), Place(3, 1), Place(2, 0), Place(1, 0)
    ]  # fmt: skip


def test_a_scale_stays_where_the_hand_is() -> None:
    ways = fingerings([[pitch] for pitch in (45, 47, 48, 50, 52, 53, 55, 57)], GUITAR)
    frets = [place.fret for way in ways for place in way.values()]
    assert len(frets) == 8
    assert max(frets) <= 4


def test_what_is_beyond_the_strings_is_left_out() -> None:
    assert fingerings([[20], [64]], GUITAR)[0] == {}


def test_only_guitars_and_basses_have_strings() -> None:
    def with_program(program: int, *, is_drums: bool = False) -> Track:
        none = np.empty(0)
        return Track("x", program, is_drums, False, none.astype(np.uint8), none, none, none.astype(np.uint8))

    assert tuning_of(with_program(25)) == GUITAR
    assert tuning_of(with_program(33)) == BASS
    assert tuning_of(with_program(0)) == ()
    assert tuning_of(with_program(25, is_drums=True)) == ()
