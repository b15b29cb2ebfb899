"""Transactions on Postgres, on the event loop."""

import asyncio
import math
import time

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoAnswer
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.jobs.storage.databases.transactions import Result, Transactions, Work
from bot.jobs.storage.databases.turns import Turns
from bot.jobs.storage.tables import on_postgres

PATIENCE_SECONDS = 60.0
"""For one transaction, a migration of many songs too. A server that froze answers nothing for ever."""

_READERS, _WRITERS = 2, 3
"""Connections. A small plan gives 20 to all processes together, and the queue takes four more."""

_TRUSTED_SECONDS = 1.0
"""A connection that answered this lately is not asked first whether it is there: under load that was a quarter of opening a job."""


class PostgresTransactions(Transactions):
    """Two pools of connections."""

    def __init__(self, url: URL, *, pooler: bool) -> None:
        """`pooler`: prepared statements do not pass a PgBouncer in transaction mode."""
        super().__init__()
        on_postgres()
        self._to_read = Turns(_READERS)
        self._to_write = Turns(_WRITERS)
        arguments = {"connect_timeout": 10, **({"prepare_threshold": None} if pooler else {})}
        common = {"max_overflow": 0, "connect_args": arguments}
        self._writing = create_async_engine(url, pool_size=_WRITERS, **common)
        # A query is a transaction by itself: BEGIN and ROLLBACK around it are two more ways to the server.
        self._reading = create_async_engine(url, pool_size=_READERS, isolation_level="AUTOCOMMIT", **common)
        for engine in (self._writing, self._reading):
            _ask_the_idle(engine.sync_engine)

    def insert(self, table: sa.Table) -> postgresql.Insert:
        return postgresql.insert(table)

    async def scrub(self) -> None:
        """Nothing: the files are the server's."""

    async def aclose(self) -> None:
        for engine in (self._writing, self._reading):
            await engine.dispose()

    async def _run(self, work: Work[Result], *, reads_only: bool, first: bool) -> Result:
        turns = self._to_read if reads_only else self._to_write
        try:
            async with (
                turns.turn(first=first),
                asyncio.timeout(PATIENCE_SECONDS),
                self._reading.connect() if reads_only else self._writing.begin() as connection,
            ):
                return await connection.run_sync(work)
        except TimeoutError as error:
            raise NoAnswer(f"none within {PATIENCE_SECONDS:.0f} s") from error


def _ask_the_idle(engine: sa.Engine) -> None:
    """Notice connections that died while nobody used them, as `pool_pre_ping` does for all, and replace the pool's."""
    gone = engine.dialect.loaded_dbapi.Error

    @sa.event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["used"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        # A new connection has no such note, and has just answered.
        if time.monotonic() - entry.info.get("used", math.inf) > _TRUSTED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except gone as error:
                raise InvalidatePoolError from error
