"""The queue on Postgres: whoever is told of a wake-up follows it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.jobs.engines import procrastinate as postgres
from bot.jobs.engines.opening import open_database
from bot.jobs.model import State
from bot.jobs.storage.store import Store
from tests.jobs.storage.test_store import NOW, a_job


class Walk:
    """Brings a job from state to state, and asks each time for the next look at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seen: list[State] = []
        self.is_over = asyncio.Event()

    async def advance(self, job_id: str) -> None:
        job = await self._store.get(job_id)
        assert job is not None
        following = next(state for state in State if state.rank == job.state.rank + 1)
        self.seen.append(following)
        await self._store.save(job.moved(following, utc_now()))
        if following.is_final:
            self.is_over.set()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)


async def test_steps_in_a_row_do_not_wait_until_somebody_looks_again(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_POLL_SECONDS", 3600.0)
    async with open_database(postgres_url, tmp_path) as opened:
        store = Store(opened.transactions, opened.queue)
        walk = Walk(store)
        await store.add(a_job(), NOW)
        async with opened.queue.running(store.wakeups, walk), asyncio.timeout(30):
            await walk.is_over.wait()
    assert walk.seen[-1].is_final


class Line:
    """Holds all jobs until they may go on; `taken` are those that came."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.may_go_on = asyncio.Event()
        self.is_taken = asyncio.Event()

    async def advance(self, job_id: str) -> None:
        self.taken.append(job_id)
        self.is_taken.set()
        await self.may_go_on.wait()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)

    async def has(self, count: int) -> None:
        while len(self.taken) < count:
            self.is_taken.clear()
            await self.is_taken.wait()


async def test_what_one_process_cannot_begin_is_begun_by_another(postgres_url: str, tmp_path: Path) -> None:
    count = postgres.IN_HAND + 20
    first, second = Line(), Line()
    async with (
        open_database(postgres_url, tmp_path) as one,
        open_database(postgres_url, tmp_path) as other,
        asyncio.timeout(120),
    ):
        here, there = Store(one.transactions, one.queue), Store(other.transactions, other.queue)
        for number in range(count):
            await here.add(a_job(interaction_id=number + 1, id=f"job{number}"), NOW)
        async with one.queue.running(here.wakeups, first):
            await first.has(postgres.IN_HAND)
            async with other.queue.running(there.wakeups, second):
                await second.has(20)
                assert len(first.taken) == postgres.IN_HAND
                for line in (first, second):
                    line.may_go_on.set()
    assert len({*first.taken, *second.taken}) == len([*first.taken, *second.taken]) == count


async def test_what_is_in_line_is_not_told_of_again(postgres_url: str, tmp_path: Path) -> None:
    line = Line()
    async with open_database(postgres_url, tmp_path) as opened, asyncio.timeout(60):
        store = Store(opened.transactions, opened.queue)
        for number in range(3):
            await store.add(a_job(interaction_id=number + 1, id=f"job{number}"), NOW)
        overdue = timedelta(seconds=-1)  # what is due now was so long ago
        assert await store.wakeups.reconcile(overdue) == 0, "nobody has begun, but all are told of"
        async with opened.queue.running(store.wakeups, line):
            await line.has(3)
            assert await store.wakeups.reconcile(overdue) == 0, "they are in hand"
            line.may_go_on.set()
