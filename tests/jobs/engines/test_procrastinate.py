"""The queue on Postgres: whoever is told of a wake-up follows it."""

import asyncio
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
