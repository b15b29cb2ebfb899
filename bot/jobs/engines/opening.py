"""Opening the database with the engine that goes with it: SQLite for one process alone, or Postgres for any number."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy.engine import URL

from bot.clock import utc_now
from bot.jobs.engines.embedded import EmbeddedQueue
from bot.jobs.storage.databases.database import Step, migrated, postgres_url
from bot.jobs.storage.databases.sqlite import DATABASE, SqliteTransactions, lock
from bot.jobs.storage.databases.transactions import Tell, Transactions
from bot.jobs.storage.wakeups import Queue


class Database(msgspec.Struct, frozen=True):
    """A migrated database, and the queue that goes with it."""

    transactions: Transactions
    queue: Queue


@asynccontextmanager
async def open_database(
    url: str | None, data_dir: Path, *, pooler: bool = False, tell: Tell | None = None
) -> AsyncIterator[Database]:
    """The database at `url`, or without one the SQLite file in `data_dir`, which is then this process's own.

    `pooler`: a PgBouncer in transaction mode stands in between. `tell` hears of every trouble, from the start on, in which
    a database that is away is waited for.

    Raises:
        SettingsError: it cannot be had.
    """
    if url is None:
        with await asyncio.to_thread(lock, data_dir):
            transactions = await asyncio.to_thread(SqliteTransactions, data_dir / DATABASE)
            opened = Database(transactions, EmbeddedQueue())
            opened.transactions.tell = tell or opened.transactions.tell
            async with migrated(opened.transactions):
                yield opened
        return
    opened = await asyncio.to_thread(_on_postgres, postgres_url(url), pooler=pooler)
    opened.transactions.tell = tell or opened.transactions.tell
    bring_forward = await asyncio.to_thread(_queue_tables)
    async with migrated(opened.transactions, bring_forward):
        yield opened


def _on_postgres(address: URL, *, pooler: bool) -> Database:
    # procrastinate is a third of a second of imports that SQLite does not need.
    from bot.jobs.engines.procrastinate import ProcrastinateQueue  # noqa: PLC0415 (see above)
    from bot.jobs.storage.databases.postgres import PostgresTransactions  # noqa: PLC0415 (see above)

    conninfo = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return Database(
        PostgresTransactions(address, pooler=pooler), ProcrastinateQueue(conninfo, listen=not pooler)
    )


def _queue_tables() -> Step:
    from bot.jobs.engines.queue_tables import bring_forward, wanted  # noqa: PLC0415 (Postgres only)

    return partial(bring_forward, want=wanted(), now=utc_now())
