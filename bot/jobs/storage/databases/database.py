"""The database's address, and bringing its tables up to date."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import SettingsError
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.databases.troubles import Trouble, trouble_of
from bot.jobs.storage.tables import metadata

log = structlog.get_logger(__name__)

HEAD = "r0008"
"""The newest revision in `migrations/`; a test keeps it so."""

_MIGRATION_LOCK = 0x7069616E6F6C61
"""Any number that nobody else in the database takes: the letters of our name."""


_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 30.0
"""Between two looks at a database that is away at the start; Railway starts a program that ended ten times in all."""


Step = Callable[[sa.Connection], bool]
"""Brings tables nearer to what they are to be; returns whether there may be more to do."""


def postgres_url(text: str) -> URL:
    """A host's `DATABASE_URL` as SQLAlchemy wants it; hosts write `postgres://`.

    Raises:
        SettingsError: it is no address of a Postgres database.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the latter is what half an IPv6 address comes to
        raise SettingsError(
            "DATABASE_URL: not an address such as postgresql://user:password@host/name"
        ) from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise SettingsError(
            f"DATABASE_URL: {url.drivername} is not supported; give a postgresql:// address, or none for SQLite"
        )
    return url.set(drivername="postgresql+psycopg")


@asynccontextmanager
async def migrated(transactions: Transactions, also: Step | None = None) -> AsyncIterator[Transactions]:
    """The database with its tables up to date, closed when the block is left; `also` brings the queue's own up to date."""
    try:
        await _when_it_is_there(lambda: transactions.write("database migrated", _migrate))
        if also:
            further = partial(_locked, work=also)
            while await transactions.write("queue migrated", further):
                pass
        yield transactions
    finally:
        await transactions.aclose()


async def _when_it_is_there(work: Callable[[], Awaitable[None]]) -> None:
    """Do `work`; a database that is away is waited for, because a program that ends is soon not started again.

    Raises:
        SettingsError: what is wrong with the database does not pass by itself.
    """
    pause, told = _FIRST_PAUSE_SECONDS, None
    while True:
        try:
            return await work()
        except SQLAlchemyError as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            if not trouble.passes:
                # The driver's own words may hold the address, and with it the password.
                raise SettingsError(trouble.sentence) from None
        if trouble != told:
            log.error("database.trouble", problem=f"{trouble.sentence}. {_waiting(trouble)}")
            told = trouble
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, 2 * pause)


def _waiting(trouble: Trouble) -> str:
    """What is done about a trouble at the start, and what else its owner can do."""
    told = f"Pianola waits for it and tries again: after a second, then less often, at least every {_LONGEST_PAUSE_SECONDS:.0f} s"
    if not trouble.sentence.startswith("DATABASE_URL"):
        return told
    return f"{told}. Or take DATABASE_URL out: the songs are then kept in a file in DATA_DIR"


def _locked(connection: sa.Connection, *, work: Step) -> bool:
    if connection.dialect.name == "postgresql":
        # Two processes of a deploy may start together.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
    return work(connection)


def _migrate(connection: sa.Connection) -> None:
    _locked(connection, work=_brought_up_to_date)


def _brought_up_to_date(connection: sa.Connection) -> bool:
    revision = revision_of(connection)
    if revision is None:
        _create(connection)
    elif revision != HEAD:
        _upgrade(connection)
    return revision != HEAD


def _has_table(connection: sa.Connection, name: str) -> bool:
    return sa.inspect(connection).has_table(name)


def revision_of(connection: sa.Connection) -> str | None:
    """Of whose version the tables are; None where there are none."""
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
