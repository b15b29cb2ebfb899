"""How long songs usually take follows how long they are."""

import pytest

from bot.jobs.storage.usual import usual_of


def test_a_longer_song_takes_longer() -> None:
    usual = usual_of([(60, 20), (120, 30), (240, 50), (300, 60)])
    assert usual.of(600) == pytest.approx(110)
    assert usual.of(30) == pytest.approx(15)


def test_one_song_that_waited_long_bends_nothing() -> None:
    usual = usual_of([(60, 20), (120, 30), (180, 40), (240, 50), (300, 60), (90, 4000)])
    assert usual.of(600) == pytest.approx(110, rel=0.1)


def test_songs_of_one_length_promise_in_proportion() -> None:
    assert usual_of([(200, 40), (200, 38), (200, 42)]).of(400) == pytest.approx(80)


def test_a_song_of_unknown_length_takes_the_middle() -> None:
    assert usual_of([(60, 20), (120, 30), (240, 50)]).of(None) == 30
    assert usual_of([(None, 20), (None, 30), (None, 50)]).of(600) == 30


def test_nothing_takes_less_than_a_second() -> None:
    assert usual_of([(100, 2), (200, 4), (300, 6)]).of(0.1) == 1
