"""The embedded queue: what cannot be written is not begun again and again, and what was stale is looked at at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import utc_now
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.model import State
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from tests.jobs.storage.test_store import NOW, a_job


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(None, tmp_path) as database:
        yield database


class Handler:
    """Ends a job at its first look, unless it stumbles before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.looks = 0
        self.stale = 0
        self.is_over = asyncio.Event()

    async def advance(self, job_id: str) -> None:
        self.looks += 1
        if self.looks <= self.stale:
            raise StaleJobError(job_id)
        job = await self._store.get(job_id)
        assert job is not None
        await self._store.save(job.moved(State.DONE, utc_now()))
        self.is_over.set()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)


async def set_writable(opened: Database, *, can_be: bool) -> None:
    """Let writing fail, or not: `query_only` is what SQLite has for a database that can only be read."""
    transactions = opened.transactions

    def change(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA query_only = {0 if can_be else 1}")

    # The writer's connection is the pool's first, and is given back before others are asked for.
    await transactions._run(change, reads_only=True, first=False)


async def test_a_database_that_cannot_be_written_is_waited_for(opened: Database) -> None:
    store = Store(opened.transactions, opened.queue)
    handler = Handler(store)
    await store.add(a_job(), NOW)
    await set_writable(opened, can_be=False)
    async with opened.queue.running(store.wakeups, handler):
        async with asyncio.timeout(10):
            while opened.transactions.trouble is None:  # noqa: ASYNC110 (nobody else tells)
                await asyncio.sleep(0.01)
        for _ in range(50):
            opened.queue.nudge()
            await asyncio.sleep(0.01)
        assert handler.looks == 1
        await set_writable(opened, can_be=True)
        async with asyncio.timeout(20):
            await handler.is_over.wait()


async def test_a_job_that_was_written_meanwhile_is_looked_at_again_at_once(opened: Database) -> None:
    store = Store(opened.transactions, opened.queue)
    handler = Handler(store)
    handler.stale = 1
    await store.add(a_job(), NOW)
    async with opened.queue.running(store.wakeups, handler), asyncio.timeout(1.5):
        await handler.is_over.wait()
    assert handler.looks == 2


class Line:
    """Holds the jobs that are begun, until each may end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.begun: list[str] = []
        self.may_end = asyncio.Semaphore(0)

    async def advance(self, job_id: str) -> None:
        self.begun.append(job_id)
        await self.may_end.acquire()
        job = await self._store.get(job_id)
        assert job is not None
        await self._store.save(job.moved(State.DONE, utc_now()))

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)


async def test_only_so_many_jobs_are_in_hand_and_the_next_begins_when_one_ends(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.engines.embedded.MOST_IN_HAND", 2)
    store = Store(opened.transactions, opened.queue)
    line = Line(store)
    for number in range(1, 4):
        await store.add(a_job(number), NOW)
    async with opened.queue.running(store.wakeups, line), asyncio.timeout(20):
        while len(line.begun) < 2:  # noqa: ASYNC110 (nobody else tells)
            await asyncio.sleep(0.01)
        for _ in range(20):
            opened.queue.nudge()
            await asyncio.sleep(0.01)
        assert len(line.begun) == 2
        line.may_end.release()
        while len(line.begun) < 3:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.01)


async def test_a_wake_up_that_nobody_told_of_is_followed_all_the_same(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    now, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + later)
    store = Store(opened.transactions, opened.queue)
    handler = Handler(store)
    looked, due = asyncio.Event(), store.wakeups.due

    async def seen(*asked: Any, **others: Any) -> Any:
        found = await due(*asked, **others)
        looked.set()
        return found

    monkeypatch.setattr(store.wakeups, "due", seen)
    async with opened.queue.running(store.wakeups, handler):
        # It has seen that there is nothing to do.
        await looked.wait()
        monkeypatch.setattr(opened.queue, "nudge", lambda: None)
        await store.add(a_job(), NOW)
        while not handler.is_over.is_set():
            later += 30.0
            # The loop notices that it is later.
            await asyncio.sleep(0.05)
            assert later < 9000
