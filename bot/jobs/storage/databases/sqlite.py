"""SQLite, for one process alone: a thread that writes, and some that read meanwhile."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import sqlalchemy as sa
from filelock import AcquireReturnProxy, BaseFileLock, FileLock, Timeout
from sqlalchemy.dialects import sqlite

from bot.errors import SettingsError
from bot.jobs.storage.databases.transactions import Result, Transactions, Work
from bot.jobs.storage.databases.visits import Outcome, Visits
from bot.private_files import private_file, private_folder

DATABASE = "pianola.sqlite3"
LOCK = "pianola.lock"

_READERS = 2

Given = TypeVar("Given")

_Piece: TypeAlias = Work[Any] | None
"""What is done in a visit; None stands for taking away the log."""


class SqliteTransactions(Transactions):
    """A whole transaction is one visit to a thread, and those that wait for one share the next.

    An async driver goes there and back for each statement, a dozen times for a step of a job, and all others wait while
    the one writer waits for a busy event loop: 172 of 300 commands in one moment then had no answer after 6 s.
    """

    def __init__(self, path: Path) -> None:
        """The file is made at the first transaction, and is its owner's alone."""
        super().__init__()
        self._engine = _engine(path)
        reading = self._engine.execution_options(reads_only=True)
        self._writer: Visits[_Piece] = Visits(1, "sqlite writer", partial(_written, self._engine))
        self._readers: Visits[Work[Any]] = Visits(_READERS, "sqlite reader", partial(_read, reading))

    def insert(self, table: sa.Table) -> sqlite.Insert:
        return sqlite.insert(table)

    async def scrub(self) -> None:
        """The log beside the file holds what was deleted until it is written over."""
        await self._writer.do(None, first=False)

    async def aclose(self) -> None:
        for threads in (self._writer, self._readers):
            await threads.aclose()
        await asyncio.to_thread(self._engine.dispose)

    async def _run(self, work: Work[Result], *, reads_only: bool, first: bool) -> Result:
        threads = self._readers if reads_only else self._writer
        result: Result = await threads.do(work, first=first)
        return result


def _read(engine: sa.Engine, works: Sequence[Work[Any]]) -> list[Outcome]:
    with engine.begin() as connection:
        return [_outcome(work, connection) for work in works]


def _written(engine: sa.Engine, pieces: Sequence[_Piece]) -> list[Outcome]:
    works = [work for work in pieces if work]
    try:
        written = iter(_committed(engine, works))
    except Exception as error:  # noqa: BLE001 (whoever asked for the work gets it)
        # The log can be taken away all the same.
        written = iter([(None, error)] * len(works))
    return [next(written) if work else _outcome(_truncate_log, engine) for work in pieces]


def _committed(engine: sa.Engine, works: Sequence[Work[Any]]) -> list[Outcome]:
    """What each piece of work gave, once all of them are lasting together."""
    if not works:
        return []
    with engine.begin() as connection:
        return [_taken_back_alone(connection, work) for work in works]


def _taken_back_alone(connection: sa.Connection, work: Work[Any]) -> Outcome:
    """What a piece of work gave; one that raises takes nothing back of those before it."""
    connection.exec_driver_sql("SAVEPOINT piece")
    outcome = _outcome(work, connection)
    if outcome[1] is not None:
        if not _is_in_transaction(connection):
            # SQLite itself took back all that is in hand, as where the disk is full.
            raise outcome[1]
        connection.exec_driver_sql("ROLLBACK TO piece")
    connection.exec_driver_sql("RELEASE piece")
    return outcome


def _is_in_transaction(connection: sa.Connection) -> bool:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection).in_transaction


def _outcome(work: Callable[[Given], Any], given: Given) -> Outcome:
    try:
        return work(given), None
    except Exception as error:  # noqa: BLE001 (whoever asked for the work gets it)
        return None, error


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
