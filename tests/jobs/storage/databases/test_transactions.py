"""Transactions: whole or not at all, whoever is cancelled; and nobody who reads waits for who writes."""

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.jobs.engines.opening import open_database
from bot.jobs.storage.databases.transactions import Transactions, Work
from bot.jobs.storage.tables import facts

OURS = facts.c.value == ""
"""Facts that a test kept: what the program keeps by itself has a value."""

COUNT = sa.select(sa.func.count()).select_from(facts).where(OURS)


@pytest.fixture
async def transactions(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Transactions]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield opened.transactions


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[Transactions]:
    async with open_database(None, tmp_path) as opened:
        yield opened.transactions


def keep(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.insert(facts).values(name=name, value=""))


async def test_what_fails_half_way_leaves_nothing(transactions: Transactions) -> None:
    def half(connection: sa.Connection) -> None:
        keep(connection, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await transactions.write("test", half)
    assert await transactions.scalar(COUNT) == 0
    await transactions.write("test", lambda connection: keep(connection, "whole"))
    assert await transactions.scalars(sa.select(facts.c.name).where(OURS)) == ["whole"]


async def test_of_those_that_come_together_one_that_fails_takes_nothing_else_back(
    transactions: Transactions,
) -> None:
    def fail(connection: sa.Connection) -> None:
        keep(connection, "failed")
        raise LookupError

    works: list[Work[None]] = [
        partial(keep, name="a"),
        fail,
        partial(keep, name="b"),
        partial(keep, name="a"),
    ]
    outcomes = await asyncio.gather(
        *(transactions.write("test", work, first=True) for work in works), return_exceptions=True
    )
    assert list(map(type, outcomes)) == [type(None), LookupError, type(None), IntegrityError]
    assert sorted(await transactions.scalars(sa.select(facts.c.name).where(OURS))) == ["a", "b"]


async def test_where_sqlite_takes_all_back_nobody_is_told_that_it_was_kept(on_sqlite: Transactions) -> None:
    def fail(connection: sa.Connection) -> None:
        # A full disk does the same, but not each time.
        connection.exec_driver_sql("INSERT OR ROLLBACK INTO facts (name, value) VALUES (NULL, '')")

    begun, go_on = threading.Event(), threading.Event()

    def hold(_connection: sa.Connection) -> None:
        begun.set()
        go_on.wait(timeout=20)

    before = asyncio.create_task(on_sqlite.write("test", hold), name="before")
    await asyncio.to_thread(begun.wait, 20)
    works: list[Work[None]] = [partial(keep, name="a"), fail, partial(keep, name="b")]
    together = [asyncio.create_task(on_sqlite.write("test", work), name="together") for work in works]
    await asyncio.sleep(0)
    go_on.set()
    outcomes = await asyncio.gather(before, *together, return_exceptions=True)
    assert list(map(type, outcomes[1:])) == [IntegrityError] * 3
    assert await on_sqlite.scalar(COUNT) == 0
    await on_sqlite.write("test", partial(keep, name="after"))
    assert await on_sqlite.scalar(COUNT) == 1


async def test_the_log_is_taken_away_whatever_fails_in_the_same_visit(
    on_sqlite: Transactions, tmp_path: Path
) -> None:
    def fail(connection: sa.Connection) -> None:
        connection.exec_driver_sql("INSERT OR ROLLBACK INTO facts (name, value) VALUES (NULL, '')")

    begun, go_on = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        keep(connection, "held")
        begun.set()
        go_on.wait(timeout=20)

    before = asyncio.create_task(on_sqlite.write("test", hold), name="before")
    await asyncio.to_thread(begun.wait, 20)
    failing = asyncio.create_task(on_sqlite.write("test", fail), name="failing")
    await asyncio.sleep(0)
    scrubbing = asyncio.create_task(on_sqlite.scrub(), name="scrubbing")
    await asyncio.sleep(0)
    go_on.set()
    outcomes = await asyncio.gather(before, failing, scrubbing, return_exceptions=True)
    assert list(map(type, outcomes)) == [type(None), IntegrityError, type(None)]
    assert (tmp_path / "pianola.sqlite3-wal").stat().st_size == 0


async def test_who_is_cancelled_leaves_when_the_thread_is_done(on_sqlite: Transactions) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        keep(connection, "slow")
        begun.set()
        go_on.wait(timeout=20)

    writing = asyncio.create_task(on_sqlite.write("test", slow), name="writing")
    await asyncio.to_thread(begun.wait, 20)
    writing.cancel()
    await asyncio.sleep(0)
    # Read meanwhile, by a thread of its own, as it was before.
    assert await on_sqlite.scalar(COUNT) == 0
    assert not writing.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await on_sqlite.scalar(COUNT) == 1


async def test_who_is_cancelled_while_waiting_for_a_turn_writes_nothing(on_sqlite: Transactions) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_connection: sa.Connection) -> None:
        begun.set()
        go_on.wait(timeout=20)

    first = asyncio.create_task(on_sqlite.write("test", slow), name="first")
    await asyncio.to_thread(begun.wait, 20)
    second = asyncio.create_task(
        on_sqlite.write("test", lambda connection: keep(connection, "never")), name="second"
    )
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go_on.set()
    await first
    assert await on_sqlite.scalar(COUNT) == 0


async def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    odd = tmp_path / "50% ? #1"
    async with open_database(None, odd) as opened:
        await opened.transactions.write("test", lambda connection: keep(connection, "here"))
    assert (odd / "pianola.sqlite3").is_file()
