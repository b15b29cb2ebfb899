"""SQLite, for one process alone: a thread that writes, and some that read meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVarTuple

import sqlalchemy as sa
from filelock import AcquireReturnProxy, BaseFileLock, FileLock, Timeout
from sqlalchemy.dialects import sqlite

from bot.errors import SettingsError
from bot.jobs.storage.transactions import Result, Transactions, Work
from bot.private_files import private_file, private_folder

DATABASE = "pianola.sqlite3"
LOCK = "pianola.lock"

_READERS = 2


Given = TypeVarTuple("Given")


class SqliteTransactions(Transactions):
    """A whole transaction is one visit to a thread.

    An async driver goes there and back for each statement, a dozen times for a step of a job, and all others wait while
    the one writer waits for a busy event loop: 172 of 300 commands in one moment then had no answer after 6 s.
    """

    def __init__(self, path: Path) -> None:
        """The file is made at the first transaction, and is its owner's alone."""
        super().__init__(readers=_READERS, writers=1)
        self._engine = _engine(path)
        self._reading = self._engine.execution_options(reads_only=True)
        self._writer = ThreadPoolExecutor(1, "sqlite writer")
        self._readers = ThreadPoolExecutor(_READERS, "sqlite reader")

    def insert(self, table: sa.Table) -> sqlite.Insert:
        return sqlite.insert(table)

    async def scrub(self) -> None:
        """The log beside the file holds what was deleted until it is written over."""
        async with self._to_write.turn(first=False):
            await self._in(self._writer, _truncate_log, self._engine)

    async def aclose(self) -> None:
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        await asyncio.to_thread(self._engine.dispose)

    async def _run(self, work: Work[Result], *, reads_only: bool) -> Result:
        threads, engine = (self._readers, self._reading) if reads_only else (self._writer, self._engine)
        return await self._in(threads, _whole, engine, work)

    async def _in(
        self, threads: ThreadPoolExecutor, work: Callable[[*Given], Result], *given: *Given
    ) -> Result:
        running = asyncio.get_running_loop().run_in_executor(threads, work, *given)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # A thread cannot be called back: whoever is cancelled leaves when it is known what was written.
            await asyncio.gather(running, return_exceptions=True)
            raise


def _whole(engine: sa.Engine, work: Work[Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _truncate_log(engine: sa.Engine) -> None:
    connection = engine.raw_connection()
    try:
        # Waits for who reads meanwhile, as long as a writer does.
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


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
        # Whoever waits behind a command is told within its 3 s; other work tries again.
        connection.execute("PRAGMA busy_timeout=800")
        # What is deleted is written over with zeros; builds of SQLite differ in whether they do so by themselves.
        connection.execute("PRAGMA secure_delete=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer that starts as a reader can be refused half way; one that takes the lock at once only waits.
        reads_only = connection.get_execution_options().get("reads_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def lock(data_dir: Path) -> AcquireReturnProxy[BaseFileLock]:
    """Take a data directory for this process, until what is returned is left.

    Raises:
        SettingsError: it cannot be written, or another process has it.
    """
    path = data_dir / LOCK
    taken: BaseFileLock = FileLock(path, blocking=False, is_singleton=False, thread_local=False)
    try:
        private_folder(data_dir)
        private_file(path)
        held = taken.acquire()
        private_file(data_dir / DATABASE)
    except Timeout:
        raise SettingsError(
            f"DATA_DIR: another Pianola is already working in {data_dir}. Stop it, give this one a DATA_DIR of its own, "
            "or set DATABASE_URL to a Postgres database, which several can share"
        ) from None
    except OSError as error:
        taken.release()
        raise SettingsError(f"DATA_DIR: {data_dir} cannot be written ({error.strerror})") from error
    return held
