"""SQLite, for one process alone: a thread that writes, and some that read meanwhile."""

import asyncio
import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from bot.errors import SettingsError
from bot.jobs.storage.transactions import Result, Transactions, Work

_READERS = 2


class SqliteTransactions(Transactions):
    """A whole transaction is one visit to a thread.

    An async driver goes there and back for each statement, a dozen times for a step of a job, and all others wait while
    the one writer waits for a busy event loop: 172 of 300 commands in one moment then had no answer after 6 s.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(readers=_READERS, writers=1)
        self._engine = _engine(path)
        self._reading = self._engine.execution_options(reads_only=True)
        self._writer = ThreadPoolExecutor(1, "sqlite writer")
        self._readers = ThreadPoolExecutor(_READERS, "sqlite reader")

    def insert(self, table: sa.Table) -> sqlite.Insert:
        return sqlite.insert(table)

    async def aclose(self) -> None:
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        await asyncio.to_thread(self._engine.dispose)

    async def _run(self, work: Work[Result], *, reads_only: bool) -> Result:
        threads, engine = (self._readers, self._reading) if reads_only else (self._writer, self._engine)
        running = asyncio.get_running_loop().run_in_executor(threads, _whole, engine, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # A thread cannot be called back: whoever is cancelled leaves when it is known what was written.
            await asyncio.gather(running, return_exceptions=True)
            raise


def _whole(engine: sa.Engine, work: Work[Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _engine(path: Path) -> sa.Engine:
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, pool_size=1 + _READERS, max_overflow=0)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # sqlite3's own transactions begin late and lose the write lock to others; ours begin below.
        connection.isolation_level = None
        # WAL: 0.8 ms a commit against 16 ms with the default journal; FULL: a commit outlives a power cut.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=10000")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer that starts as a reader can be refused half way; one that takes the lock at once only waits.
        reads_only = connection.get_execution_options().get("reads_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def lock(data_dir: Path) -> IO[str]:
    """Take a data directory for this process, until what is returned is closed.

    Raises:
        SettingsError: it cannot be written, or another process has it.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        taken = (data_dir / "pianola.lock").open("w")
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {data_dir} cannot be written ({error.strerror})") from error
    try:
        fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        taken.close()
        raise SettingsError(
            f"DATA_DIR: another Pianola is already working in {data_dir}. Stop it, give this one a DATA_DIR of its own, "
            "or set DATABASE_URL to a Postgres database, which several can share"
        ) from None
    return taken
