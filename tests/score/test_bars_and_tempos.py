"""Tempo marks, pickups and the numbers of bars on a sheet."""

import re

import pytest
from msgspec.structs import replace

from bot.music.song import Track
from bot.music.timeline.bars import Origin
from tests.score.reading import bars_of, parts_of
from tests.score.test_musicxml import BARS, track, values, written


def tempos_of(document: str) -> list[tuple[int, str, float]]:
    """By bars: the mark that is read, if there is one, and the quarters a minute that are played."""
    found = []
    for number, bar in enumerate(bars_of(parts_of(document)[0])):
        mark = bar.find("direction/direction-type/metronome")
        read = "" if mark is None else "".join(mark.itertext()) + "." * len(mark.findall("beat-unit-dot"))
        found += [(number, read, float(sound.attrib["tempo"])) for sound in bar.iter("sound")]
    return found


def a_beat_each(beats: int) -> Track:
    return track(*((beat, 1, 60) for beat in range(beats)))


def test_a_steady_tempo_is_written_once() -> None:
    assert tempos_of(written(a_beat_each(16))) == [(0, "quarter120", 120)]


@pytest.mark.parametrize(
    ("meters", "mark"),
    [
        (((0, 6, 8),), "quarter80."),
        (((0, 1, 8), (240, 6, 8)), "quarter80."),
        (((0, 3, 8), (720, 6, 8)), "quarter80."),
        (((0, 6, 8), (5760, 4, 4)), "quarter80."),
        (((0, 4, 4), (3840, 6, 8)), "quarter120"),
    ],
)
def test_a_tempo_is_played_as_it_is_whatever_beats_it_is_written_in(
    meters: tuple[tuple[int, int, int], ...], mark: str
) -> None:
    bars = replace(BARS, meters=meters, origin=Origin.GIVEN)
    assert tempos_of(written(a_beat_each(24), bars=bars)) == [(0, mark, 120)]


def test_a_tempo_that_is_held_is_written_where_it_begins() -> None:
    bars = replace(BARS, tempos=((0, 500_000), (3840, 600_000)), origin=Origin.GIVEN)
    assert tempos_of(written(a_beat_each(20), bars=bars)) == [(0, "quarter120", 120), (2, "quarter100", 100)]


def test_a_tempo_that_reads_as_the_one_before_is_not_written_again() -> None:
    tempos = ((0, 500_000), (3840, 480_000), (5760, 501_000))
    played = tempos_of(written(a_beat_each(24), bars=replace(BARS, tempos=tempos)))
    assert played == [(0, "quarter120", 120), (2, "", 125), (3, "", 119.76)]


def test_a_first_beat_that_is_a_little_long_does_not_move_the_mark_to_the_second_bar() -> None:
    bars = replace(BARS, tempos=((0, 540_000), (480, 500_000)))
    assert tempos_of(written(a_beat_each(16), bars=bars)) == [(0, "quarter120", 117.65), (1, "", 120)]


def test_a_tempo_that_wanders_is_played_and_not_written() -> None:
    tempos = tuple((bar * 1920, 500_000 + 5_000 * bar) for bar in range(4))
    played = tempos_of(written(a_beat_each(16), bars=replace(BARS, tempos=tempos)))
    assert played == [(0, "", 120), (1, "", 118.81), (2, "", 117.65), (3, "", 116.5)]


def test_the_tempo_in_which_the_first_bar_begins_counts() -> None:
    bars = replace(BARS, tempos=((0, 500_000), (5760, 600_000)), first_bar=1920)
    document = written(track(*((beat, 1, 60) for beat in range(4, 24))), bars=bars)
    assert tempos_of(document)[0] == (0, "quarter120", 120)


def test_a_pickup_is_a_short_bar_of_its_own() -> None:
    bars = replace(BARS, first_bar=1920)
    document = written(track((3, 1, 60), (4, 4, 62)), bars=bars)
    first, second = bars_of(parts_of(document)[0])
    assert first.attrib == {"number": "0", "implicit": "yes"}
    assert second.attrib == {"number": "1"}
    assert values(document) == ["quarter", "whole"]


def test_bar_1_is_bar_1_after_an_opening_of_several_bars() -> None:
    bars = replace(BARS, first_bar=5760, origin=Origin.CHOSEN)
    document = written(a_beat_each(16), bars=bars)
    before = [{"number": number, "implicit": "yes"} for number in ("-2", "-1", "0")]
    assert [bar.attrib for bar in bars_of(parts_of(document)[0])] == [*before, {"number": "1"}]


def test_a_pickup_with_a_time_signature_of_its_own_is_written_in_that_of_the_song() -> None:
    bars = replace(BARS, meters=((0, 1, 8), (240, 6, 8)), first_bar=240)
    document = written(track((0, 0.5, 60), (0.5, 1.5, 62), (2, 1.5, 62)), bars=bars)
    assert re.findall(r"<beats>(\d+)</beats><beat-type>(\d+)<", document) == [("6", "8")]
    first = bars_of(parts_of(document)[0])[0]
    assert first.attrib == {"number": "0", "implicit": "yes"}
    assert values(document) == ["eighth", "quarter.", "quarter."]


def test_a_part_of_a_song_counts_its_bars_as_the_song_does() -> None:
    bars = replace(BARS, first_bar=1920, first_number=6)
    document = written(track((3, 1, 60), (4, 4, 62), (8, 4, 62)), bars=bars)
    assert [bar.attrib for bar in bars_of(parts_of(document)[0])] == [{"number": n} for n in "567"]
    late = written(track((8, 4, 60)), bars=replace(BARS, first_number=5))
    assert [bar.attrib for bar in bars_of(parts_of(late)[0])] == [{"number": "7"}]


@pytest.mark.parametrize(
    ("origin", "number"), [(Origin.GIVEN, "3"), (Origin.CHOSEN, "3"), (Origin.NOBODY, "1")]
)
def test_silent_bars_at_the_beginning_are_left_out_and_counted_where_bars_are_known(
    origin: Origin, number: str
) -> None:
    document = written(track((8, 4, 60)), bars=replace(BARS, origin=origin))
    assert values(document) == ["whole"]
    assert [bar.attrib for bar in bars_of(parts_of(document)[0])] == [{"number": number}]
