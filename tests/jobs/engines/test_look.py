"""What becomes of a job whose handler fails, over a real database."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.jobs.engines.look import look
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import wakeups
from bot.jobs.storage.wakeups import StaleJobError
from tests.jobs.storage.test_store import NOW, a_job


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(None, tmp_path) as database:
        yield database


class Failing:
    """Fails in one way at every look."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.looks = 0
        self.given_up: list[str] = []

    async def advance(self, job_id: str) -> None:  # noqa: ARG002 (as handlers are called)
        self.looks += 1
        raise self.error

    async def give_up(self, job_id: str) -> None:
        self.given_up.append(job_id)


def disk_full() -> OperationalError:
    beneath = sqlite3.OperationalError("database or disk is full")
    beneath.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("INSERT", {}, beneath)


async def put_back_until(opened: Database, job_id: str) -> float:
    """When it is looked at next."""
    due = sa.select(wakeups.c.due_at).where(wakeups.c.job_id == job_id)
    found: float = (await opened.transactions.scalars(due))[0]
    return found


async def test_a_job_that_fails_on_its_own_is_given_up_at_last(opened: Database) -> None:
    store = Store(opened.transactions, opened.queue)
    job, handler = a_job(), Failing(ValueError("no ink"))
    await store.add(job, NOW)
    for number in range(1, 9):
        assert handler.given_up == []
        await look(store.wakeups, handler, job.id, 0.0)
        assert handler.looks == number
    assert handler.given_up == [job.id]


async def test_trouble_of_the_database_ends_no_job_and_is_not_counted(opened: Database) -> None:
    store = Store(opened.transactions, opened.queue)
    job, handler = a_job(), Failing(disk_full())
    await store.add(job, NOW)
    before = await put_back_until(opened, job.id)
    for _ in range(10):
        await look(store.wakeups, handler, job.id, 0.0)
    assert handler.given_up == []
    assert await put_back_until(opened, job.id) > before

    handler.error = ValueError("no ink")
    await look(store.wakeups, handler, job.id, 0.0)
    assert handler.given_up == []


async def test_trouble_while_it_is_put_off_is_none_of_the_engine_s(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(opened.transactions, opened.queue)

    async def cannot(*_: object, **__: object) -> int:
        raise disk_full()

    monkeypatch.setattr(store.wakeups, "stumbled", cannot)
    handler = Failing(disk_full())
    await look(store.wakeups, handler, "0" * 20, 0.0)
    assert (handler.looks, handler.given_up) == (1, [])


async def test_what_nobody_foresaw_while_it_is_put_off_is_not_kept_quiet(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(opened.transactions, opened.queue)

    async def cannot(*_: object, **__: object) -> int:
        raise ProgrammingError("INSERT", {}, sqlite3.ProgrammingError("no such column"))

    monkeypatch.setattr(store.wakeups, "stumbled", cannot)
    with pytest.raises(ProgrammingError):
        await look(store.wakeups, Failing(disk_full()), "0" * 20, 0.0)


async def test_a_job_that_is_always_written_by_others_is_left_for_later(opened: Database) -> None:
    store = Store(opened.transactions, opened.queue)
    job = a_job()
    await store.add(job, NOW)
    before = await put_back_until(opened, job.id)
    handler = Failing(StaleJobError(job.id))
    await look(store.wakeups, handler, job.id, 0.0)
    assert handler.looks == 3
    assert await put_back_until(opened, job.id) > before
