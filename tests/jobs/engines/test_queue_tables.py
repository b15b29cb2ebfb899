"""procrastinate's tables follow the installed version, and leave the version before at work."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from bot.jobs.engines import queue_tables as module
from bot.jobs.engines.opening import open_database
from tests.jobs.engines.test_procrastinate import walk_through


async def opened_once(url: str, folder: Path) -> None:
    async with open_database(url, folder):
        pass


def marks(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'mark_%' ORDER BY 1")
        return [row[0] for row in rows]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed version with two more migrations than the database has."""
    want = module.wanted()
    names = ("09.00.00_01_pre_first.sql", "09.00.00_50_post_second.sql")
    more = {name: f"CREATE TABLE mark_{name[12:-4]} (a int); SELECT '%';" for name in names}
    newest = module.Wanted(want.schema, {**want.migrations, **more})
    monkeypatch.setattr(module, "wanted", lambda: newest)


@pytest.fixture
async def before(postgres_url: str, tmp_path: Path) -> str:
    """A database of the version before, of which nothing was written down."""
    await opened_once(postgres_url, tmp_path)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DELETE FROM facts")
    return postgres_url


async def test_what_the_version_before_needs_stays_during_the_deploy(
    before: str, newer: None, tmp_path: Path
) -> None:
    for _ in range(2):
        await opened_once(before, tmp_path)
        assert marks(before) == ["mark_pre_first"]


async def test_it_goes_at_the_first_start_after_the_deploy(before: str, newer: None, tmp_path: Path) -> None:
    await opened_once(before, tmp_path)
    with psycopg.connect(before) as connection:
        # That was over an hour ago.
        earlier = (
            "UPDATE facts SET value = (value::float - 3700)::text WHERE name = 'procrastinate migrated at'"
        )
        assert connection.execute(earlier).rowcount == 1
    for _ in range(2):
        await opened_once(before, tmp_path)
        assert marks(before) == ["mark_post_second", "mark_pre_first"]


async def test_a_fresh_database_is_not_migrated(postgres_url: str, newer: None, tmp_path: Path) -> None:
    for _ in range(2):
        await opened_once(postgres_url, tmp_path)
        assert marks(postgres_url) == []


async def test_the_tables_of_an_older_procrastinate_are_worked_with(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = "03.03.00_01_pre_priority_lock_fetch_job.sql"
    want = await asyncio.to_thread(module.wanted)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name, statements in sorted(want.migrations.items()):
            if name <= old:
                connection.execute(statements.encode())
    monkeypatch.setattr(module, "_UNWRITTEN", old)
    await walk_through(postgres_url, tmp_path)
    with psycopg.connect(postgres_url) as connection:
        names = [row[0] for row in connection.execute("SELECT value FROM facts WHERE name LIKE '%migration'")]
    assert names == ["03.04.00_01_pre_add_retry_failed_job_procedure.sql"]
