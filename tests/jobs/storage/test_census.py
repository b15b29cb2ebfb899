"""What is counted of jobs under way, of how the newest ended, and of a day."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.jobs.engines.opening import Database, open_database
from bot.jobs.model import State
from bot.jobs.storage.census import take_census, take_ends
from bot.jobs.storage.day import take_day
from bot.jobs.storage.store import Store
from tests.jobs.storage.test_store import NOON, NOW, a_job


class _DriverError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class Failing:
    """A database of which each question fails."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def read(self, _question: object) -> Any:
        raise self.failure


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(None, tmp_path) as opened:
        yield opened


async def ended(database: Database, number: int, at: datetime) -> None:
    """A job that was asked for at that moment, and failed in it."""
    store = Store(database.transactions, database.queue, lambda: at)
    job = a_job(interaction_id=number, user_id=number, created_at=at, error_code="NoNotesError")
    await store.add(replace(job, reply=replace(job.reply, guild_id=number)), NOW)
    kept = await store.get(job.id)
    assert kept is not None
    await store.save(kept.moved(State.FAILED, at))


async def test_no_census_is_taken_of_a_database_that_is_away() -> None:
    away: Any = Failing(OperationalError("SELECT 1", {}, _DriverError("57P01")))
    assert await take_census(away, lambda: NOON) is None
    ours: Any = Failing(ProgrammingError("SELEC 1", {}, _DriverError("42601")))
    with pytest.raises(ProgrammingError):
        await take_census(ours, lambda: NOON)


async def test_only_the_newest_ends_are_read(database: Database) -> None:
    for number in range(1, 204):
        await ended(database, number, NOON)
    found = await take_ends(database.transactions, NOON - timedelta(hours=1))
    assert found.counts == {(State.FAILED, "NoNotesError"): 200}


async def test_a_day_has_what_happened_in_its_24_hours(database: Database) -> None:
    for number, hours in enumerate((1, 23, 25), start=1):
        await ended(database, number, NOON - timedelta(hours=hours))
    day = await take_day(database.transactions, NOON)
    assert (day.people, day.servers, day.under_way) == (2, 2, 0)
    assert (day.ended, day.failures) == ({State.FAILED: 2}, {"NoNotesError": 2})
