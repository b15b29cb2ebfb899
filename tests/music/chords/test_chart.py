import pytest
from msgspec.structs import replace

from bot.music.chords.chart import chart, gist
from bot.music.chords.hear import HeardChord, find_chords
from bot.music.timeline.bars import Bars
from bot.music.view.view import View
from bot.music.view.viewed import viewed
from tests.music.chords.test_hear import AM, BARS, C, F, G, song_of

DM = (62, 65, 69)


def gist_of(chords: list[tuple[int, ...]]) -> str:
    found = find_chords(song_of(chords))
    assert found is not None
    return gist(found)


@pytest.mark.parametrize(
    ("chords", "told"),
    [
        ([C, AM, F, G] * 3, "C Am F G …"),
        ([C, AM, F, G], "C Am F G"),
        ([C, AM, F, G, DM, G, C, F, AM, DM], "C Am F G Dm G C F …"),
    ],
)
def test_the_gist_is_the_loop_or_the_first_chords(chords: list[tuple[int, ...]], told: str) -> None:
    assert gist_of(chords) == told


def test_bars_are_counted_and_stand_four_in_a_line() -> None:
    found = find_chords(song_of([C, AM, F, G, C, C]))
    assert found is not None
    assert chart(found) == "1 | C  | Am | F  | G  |\n5 | C  | C  |"


def test_a_pickup_has_no_number() -> None:
    bars = replace(BARS, first_bar=1920)
    found = find_chords(song_of([C, AM, F, G, C], bars=bars))
    assert found is not None
    assert chart(found).splitlines() == ["  | C  |", "1 | Am | F  | G  | C  |"]


def test_a_pickup_that_has_only_the_next_chord_is_left_out() -> None:
    bars = replace(BARS, first_bar=1920)
    found = find_chords(song_of([C, C, AM, F, G], bars=bars))
    assert found is not None
    assert chart(found) == "1 | C  | Am | F  | G  |"


def test_an_opening_of_many_bars_has_lines_without_numbers() -> None:
    found = find_chords(song_of([C, AM, F, G, C, AM, F], bars=replace(BARS, first_bar=5 * 1920)))
    assert found is not None
    assert chart(found).splitlines() == ["  | C  | Am | F  | G  |", "  | C  |", "1 | Am | F  |"]


def test_a_rest_within_a_bar_is_no_change() -> None:
    found = find_chords(song_of([C, AM]))
    assert found is not None
    (chord, minor) = (one.chord for one in found.heard)
    played = (chord, None, chord, None, None, minor, None, minor)
    heard = [HeardChord(480 * beat, 480 * beat + 480, one, 1.0) for beat, one in enumerate(played)]
    assert chart(replace(found, heard=tuple(heard))) == "1 | C    | - Am |"


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        (4.0, ["3 | F | G | C |"]),
        (3.0, ["2 | Am | F  | G  | C  |"]),
        (0.5, ["1 | C  | Am | F  | G  |", "5 | C  |"]),
    ],
)
def test_of_a_part_bars_have_the_numbers_that_they_have_in_the_song(begin: float, told: list[str]) -> None:
    found = find_chords(viewed(song_of([C, AM, F, G, C]), View(0, begin, None)))
    assert found is not None
    assert chart(found).splitlines() == told


def test_without_bars_they_stand_by_time() -> None:
    found = find_chords(song_of([C, AM, F, G] * 2, bars=None))
    assert found is not None
    assert chart(found).splitlines() == [" 0:00  C  Am  F  G  C  Am", " 0:12  F  G"]


def test_two_chords_of_a_bar_stand_in_it() -> None:
    slow = Bars(480, ((0, 1_000_000 // 4),), origin=BARS.origin)  # a bar is a second: each chord lasts two
    fast = replace(slow, tempos=((0, 1_000_000),))  # a bar is four seconds
    one, two = find_chords(song_of([C, AM, F, G], bars=slow)), find_chords(song_of([C, AM, F, G], bars=fast))
    assert one is not None
    assert two is not None
    assert chart(one).splitlines()[0] == "1 | C  | C  | Am | Am |"
    assert chart(two) == "1 | C Am | F G  |"
