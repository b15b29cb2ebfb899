"""The time of day goes on evenly, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SteadyClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Machine:
    """Its two clocks."""

    def __init__(self) -> None:
        self.wall = NOON.timestamp()
        self.since_boot = 77.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.since_boot)

    def work(self, seconds: float) -> datetime:
        """What the time is some seconds later."""
        self.wall += seconds
        self.since_boot += seconds
        return self.clock()


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_is_followed_when_no_song_of_before_is_under_way(hours: int) -> None:
    machine = Machine()
    machine.wall += hours * 3600
    assert machine.work(60) == NOON + timedelta(seconds=60)
    assert machine.work(3000) == NOON + timedelta(seconds=3060)
    assert machine.work(1000) == NOON + timedelta(hours=hours, seconds=4060)


def test_a_small_correction_is_followed_at_once() -> None:
    machine = Machine()
    machine.wall += 1.5
    assert machine.work(10) == NOON + timedelta(seconds=11.5)


def test_a_clock_that_is_set_right_again_is_as_if_nothing_had_been() -> None:
    machine = Machine()
    machine.wall += 7200
    machine.work(2000)
    machine.wall -= 7200
    assert machine.work(2000) == NOON + timedelta(seconds=4000)
    machine.wall += 7200
    assert machine.work(60) == NOON + timedelta(seconds=4060)
