"""20 requests in any 10 s as the other end sees them, and look-ups of one task apart."""

import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kie.limits import Pace, Window


class Time:
    """Time that moves only when everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._count), waking))
        await waking

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        """Run all of `work` to its end."""
        together = asyncio.gather(*work)
        while not together.done():
            for _ in range(10):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, waking = heapq.heappop(self._sleepers)
                if not waking.done():
                    waking.set_result(None)
        await together


def most_in_window(moments: list[float], seconds: float) -> int:
    return max(sum(start <= moment < start + seconds for moment in moments) for start in moments)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=90))
def test_the_other_end_never_sees_more_than_twenty_in_ten_seconds(
    journeys: list[tuple[float, float]],
) -> None:
    """Each request takes some time to get there and some to be answered."""
    time = Time()
    window = Window(clock=time.clock, sleep=time.sleep)
    arrived: list[float] = []

    async def request(there: float, back: float) -> None:
        async with window.place():
            await time.sleep(there)
            arrived.append(time.now)
            await time.sleep(back)

    asyncio.run(time.run(*(request(there, back) for there, back in journeys)))
    assert len(arrived) == len(journeys)
    # Sums of floats may fall a hair short of 10 s.
    assert most_in_window(arrived, 10 - 1e-9) <= 20


async def test_the_first_twenty_do_not_wait() -> None:
    time = Time()
    window = Window(clock=time.clock, sleep=time.sleep)
    for _ in range(20):
        async with window.place():
            assert time.now == 0


async def test_one_who_gives_up_waiting_leaves_its_place_to_the_next() -> None:
    time = Time()
    window = Window(count=1, clock=time.clock, sleep=time.sleep)

    async def request() -> None:
        async with window.place():
            pass

    await request()
    given_up = asyncio.create_task(request())
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await time.run(request())
    assert time.now == 10


async def test_a_failed_request_counts_too() -> None:
    time = Time()
    window = Window(count=1, clock=time.clock, sleep=time.sleep)
    with pytest.raises(OSError, match="gone"):
        async with window.place():
            raise OSError("gone")

    async def request() -> None:
        async with window.place():
            pass

    await time.run(request())
    assert time.now == 10


async def test_look_ups_of_one_task_keep_apart_and_others_do_not_wait() -> None:
    time = Time()
    pace = Pace(clock=time.clock, sleep=time.sleep)
    asked: list[tuple[str, float]] = []

    async def look_up(task: str) -> None:
        await pace.turn(task)
        asked.append((task, time.now))

    await time.run(*(look_up(task) for task in "aaaab"))
    of_a = [moment for task, moment in asked if task == "a"]
    assert most_in_window(of_a, 1.0) <= 3
    assert ("b", 0.0) in asked
