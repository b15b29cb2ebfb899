"""Opening the database: SQLite in WAL mode, its lock file, and migrations."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import SettingsError

HEAD = "r0001"
"""The newest revision in `migrations/`; a test keeps it so."""


@asynccontextmanager
async def open_database(data_dir: Path) -> AsyncIterator[AsyncEngine]:
    """The database of this process, migrated, and its own until it is left.

    Raises:
        SettingsError: another process has it, or the directory cannot be written.
    """
    with await asyncio.to_thread(_locked, data_dir):
        engine = _sqlite(data_dir / "pianola.sqlite3")
        try:
            await _migrate(engine)
            yield engine
        finally:
            await engine.dispose()


def _locked(data_dir: Path) -> IO[str]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "pianola.lock").open("w")
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {data_dir} cannot be written ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SettingsError(
            f"DATA_DIR: another Pianola is already working in {data_dir}. Stop it, or give this one a DATA_DIR of its own"
        ) from None
    return lock


def _sqlite(path: Path) -> AsyncEngine:
    # Each connection is a thread: one writes, another reads meanwhile.
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=2, max_overflow=0)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # sqlite3's own transactions begin late and lose the write lock to others; ours begin below.
        connection.isolation_level = None
        cursor = connection.cursor()
        # WAL: 0.8 ms a commit against 16 ms with the default journal; FULL: a commit outlives a power cut.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer that starts as a reader can be refused half way; one that takes the lock at once only waits.
        reads_only = connection.get_execution_options().get("reads_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


async def _migrate(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        if await connection.run_sync(_revision) != HEAD:
            await connection.run_sync(_upgrade)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _upgrade(connection: sa.Connection) -> None:
    # Alembic takes a fifth of a second to import: only when there is something to migrate.
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415 (see above)

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    command.upgrade(config, "head")
