"""A look at a database that others may be using: whether it could be opened and written. Nothing in it is changed."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SettingsError
from bot.jobs.storage.databases.database import HEAD, postgres_url, revision_of
from bot.jobs.storage.databases.sqlite import DATABASE, LOCK
from bot.jobs.storage.databases.troubles import trouble_of

_PATIENCE_SECONDS: Final = 10

_NEWER: Final = (
    "the database belongs to a newer Pianola. Start that version again, or take a database from before it"
)

_LEFT: Final = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
    (SELECT nullif(rolconnlimit, -1) - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user)
        FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) - (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
        FROM pg_database WHERE datname = current_database())
)
"""
"""The server's, this user's and this database's own limit."""


class Examined(msgspec.Struct, frozen=True):
    """`trouble` is a sentence that begins with the setting it is about, and then what to do.

    `is_new`: there is no database yet. `is_held`: another process has it for itself.
    """

    trouble: str | None = None
    is_new: bool = False
    is_held: bool = False
    connections_left: int | None = None


def examined(url: str | None, data_dir: Path) -> Examined:
    """The database at `url`, or without one the file in `data_dir`. Blocks."""
    try:
        return _file(data_dir) if url is None else _server(url)
    except SettingsError as error:
        return Examined(error.problem)
    except SQLAlchemyError as error:
        trouble = trouble_of(error)
        if trouble is None:
            # The driver's words may hold the address, and with it the password.
            return Examined(f"the database failed in a way that I do not know ({type(error).__name__})")
        return Examined(trouble.sentence)


def _file(data_dir: Path) -> Examined:
    path = data_dir.absolute() / DATABASE
    if not path.exists():
        return Examined(is_new=True)
    url = f"sqlite:///file:{quote(str(path))}?mode=rw&uri=true"
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": _PATIENCE_SECONDS})
    with engine.connect() as connection:
        # What is begun like this needs the right to write, and waits for whoever writes.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        revision = revision_of(connection)
        connection.rollback()
    if revision and revision > HEAD:
        return Examined(_NEWER)
    return Examined(is_new=revision is None, is_held=_is_held(path.with_name(LOCK)))


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False, is_singleton=False):
            return False
    except Timeout:
        return True


def _server(url: str) -> Examined:
    # Behind a pooler prepared statements would not be found again.
    patience = {"connect_timeout": _PATIENCE_SECONDS, "prepare_threshold": None}
    engine = sa.create_engine(postgres_url(url), poolclass=sa.NullPool, connect_args=patience)
    with engine.connect() as connection:
        revision = revision_of(connection)
        if revision and revision > HEAD:
            return Examined(_NEWER)
        connection.exec_driver_sql("CREATE TABLE pianola_doctor (written INTEGER)")
        connection.exec_driver_sql("INSERT INTO pianola_doctor VALUES (1)")
        connection.rollback()
        left = connection.exec_driver_sql(_LEFT).scalar_one()
    return Examined(is_new=revision is None, connections_left=max(0, left))
