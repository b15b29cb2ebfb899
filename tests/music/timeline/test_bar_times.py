"""When bars begin."""

import pytest

from bot.music.timeline.bar_times import bar_times
from bot.music.timeline.bars import Bars


def test_bars_of_one_tempo_are_evenly_apart() -> None:
    assert bar_times(Bars.plain(120.0), 3.0, 9.0).tolist() == pytest.approx([4, 6, 8])


def test_the_first_bar_begins_at_second_zero() -> None:
    assert bar_times(Bars.plain(120.0), -5.0, 3.0).tolist() == pytest.approx([0, 2])


def test_bars_follow_tempo_and_time_signature() -> None:
    bars = Bars(480, ((0, 500_000), (1920, 1_000_000)), ((0, 4, 4), (3840, 3, 4)))
    assert bar_times(bars, 0.0, 14.0).tolist() == pytest.approx([0, 2, 6, 9, 12])


def test_a_change_within_a_bar_begins_one() -> None:
    bars = Bars(480, ((0, 500_000),), ((0, 4, 4), (960, 2, 4)))
    assert bar_times(bars, 0.0, 3.5).tolist() == pytest.approx([0, 1, 2, 3])


def test_a_file_by_film_frames_has_none() -> None:
    assert bar_times(Bars(0xE728, ((0, 500_000),)), 0.0, 10.0).tolist() == []


def test_bars_beyond_number_are_none() -> None:
    bars = Bars(480, ((0, 500_000), (4800, 1)), ((0, 4, 4), (4800, 1, 64)))
    assert bar_times(bars, 0.0, 30.0).tolist() == []
    assert len(bar_times(bars, 0.0, 5.0)) == 3
