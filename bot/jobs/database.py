"""Opening the database: SQLite for one process alone, or Postgres for any number; and bringing its tables up to date."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import SettingsError
from bot.jobs.embedded import EmbeddedQueue
from bot.jobs.queue import Queue
from bot.jobs.tables import metadata

HEAD = "r0004"
"""The newest revision in `migrations/`; a test keeps it so."""

_MIGRATION_LOCK = 0x7069616E6F6C61
"""Any number that nobody else in the database takes: the letters of our name."""


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database, and the queue that goes with it."""

    engine: AsyncEngine
    queue: Queue


@asynccontextmanager
async def open_database(url: str | None, data_dir: Path, *, pooler: bool = False) -> AsyncIterator[Database]:
    """The database at `url`, or without one the SQLite file in `data_dir`, which is then this process's own.

    `pooler`: a PgBouncer in transaction mode stands in between.

    Raises:
        SettingsError: it cannot be had.
    """
    if url is None:
        with await asyncio.to_thread(_locked, data_dir):
            async with _migrated(_sqlite(data_dir / "pianola.sqlite3")) as engine:
                yield Database(engine, EmbeddedQueue())
        return
    address = postgres_url(url)
    queue = await asyncio.to_thread(_postgres_queue, address, pooler=pooler)
    async with _migrated(_postgres(address, pooler=pooler)) as engine:
        yield Database(engine, queue)


def _postgres_queue(address: URL, *, pooler: bool) -> Queue:
    # procrastinate is a third of a second of imports that SQLite does not need.
    from bot.jobs.postgres import PostgresQueue  # noqa: PLC0415 (see above)

    conninfo = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresQueue(conninfo, listen=not pooler)


def postgres_url(text: str) -> URL:
    """A host's `DATABASE_URL` as SQLAlchemy wants it; hosts write `postgres://`.

    Raises:
        SettingsError: it is no address of a Postgres database.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsError(
            "DATABASE_URL: not an address such as postgresql://user:password@host/name"
        ) from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise SettingsError(
            f"DATABASE_URL: {url.drivername} is not supported; give a postgresql:// address, or none for SQLite"
        )
    return url.set(drivername="postgresql+psycopg")


@asynccontextmanager
async def _migrated(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    try:
        try:
            async with engine.begin() as connection:
                await _migrate(connection)
        except OperationalError as error:
            # The driver's own words may hold the address, and with it the password.
            raise SettingsError(
                f"DATABASE_URL: the database does not answer ({type(error.orig).__name__})"
            ) from None
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
            f"DATA_DIR: another Pianola is already working in {data_dir}. Stop it, give this one a DATA_DIR of its own, "
            "or set DATABASE_URL to a Postgres database, which several can share"
        ) from None
    return lock


def _sqlite(path: Path) -> AsyncEngine:
    # Each connection is a thread: one writes, the others read meanwhile.
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=3, max_overflow=0)

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


def _postgres(url: URL, *, pooler: bool) -> AsyncEngine:
    # A small plan gives 20 connections to all processes together. Prepared statements do not pass a pooler.
    arguments = {"connect_timeout": 10, **({"prepare_threshold": None} if pooler else {})}
    return create_async_engine(url, pool_size=5, max_overflow=0, pool_pre_ping=True, connect_args=arguments)


async def _migrate(connection: AsyncConnection) -> None:
    is_postgres = connection.engine.name == "postgresql"
    if is_postgres:
        # Two processes of a deploy may start together.
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
    revision = await connection.run_sync(_revision)
    if revision is None:
        await connection.run_sync(_create)
    elif revision != HEAD:
        await connection.run_sync(_upgrade)
    if is_postgres and not await connection.run_sync(_has_table, "procrastinate_jobs"):
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await raw.execute(await asyncio.to_thread(_procrastinate_schema))


def _procrastinate_schema() -> str:
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 (Postgres only)

    return SchemaManager.get_schema()


def _has_table(connection: sa.Connection, name: str) -> bool:
    return sa.inspect(connection).has_table(name)


def _revision(connection: sa.Connection) -> str | None:
    if not _has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _create(connection: sa.Connection) -> None:
    """The tables of a fresh database, as they are now; a test holds that the migrations lead to the same."""
    metadata.create_all(connection)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")  # noqa: S608 (a constant)


def _upgrade(connection: sa.Connection) -> None:
    # Alembic takes a tenth of a second and 8 MB to import: only when there is something to migrate.
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415 (see above)
    from alembic.util import CommandError  # noqa: PLC0415 (see above)

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError:
        # Its revision is none of ours: nobody knows what the version that made it changed.
        raise SettingsError(
            "the database belongs to a newer Pianola: start that version again, or take a database from before it"
        ) from None
