"""procrastinate's own tables: made, and brought to what the installed version of it wants.

It ships its migrations in two halves. What is called `pre` leaves a running process of the version before at work, `post`
takes away what only that one needs: so the last of those wait until no deploy is under way any more.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import msgspec
import sqlalchemy as sa
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import AdaptedConnection

from bot.jobs.storage.tables import facts

_NEWEST, _SINCE = "procrastinate migration", "procrastinate migrated at"
"""The facts that say which file was run last, and when the last `pre` was."""

_UNWRITTEN = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""What databases have of which nothing was written down: they were made by procrastinate 3.10."""

_OVERLAP = timedelta(hours=1)
"""How long after a deploy a process of the version before may be there."""


class Wanted(msgspec.Struct, frozen=True):
    """What the installed version of procrastinate wants: all its tables, and its migrations by their names."""

    schema: str
    migrations: Mapping[str, str]


def wanted() -> Wanted:
    """Read from the files of the package. The name of each migration begins with the version that wants it."""
    files = Path(SchemaManager.get_migrations_path()).glob("*.sql")
    migrations = {path.name: path.read_text(encoding="utf-8") for path in files}
    return Wanted(SchemaManager.get_schema(), migrations)


def bring_forward(connection: sa.Connection, want: Wanted, now: datetime) -> bool:
    """Make the tables, or run the next migration; returns whether one was run, after which there may be another."""
    if not sa.inspect(connection).has_table("procrastinate_jobs"):
        _run(connection, want.schema)
        _keep(connection, _NEWEST, max(want.migrations))
        return False
    newest = _fact(connection, _NEWEST) or _UNWRITTEN
    newer = sorted(name for name in want.migrations if name > newest)
    is_last_half = all("_post_" in name for name in newer)
    if not newer or (is_last_half and not _is_deploy_over(connection, now)):
        return False
    _run(connection, want.migrations[newer[0]])
    _keep(connection, _NEWEST, newer[0])
    if not is_last_half:
        _keep(connection, _SINCE, str(now.timestamp()))
    return True


def _is_deploy_over(connection: sa.Connection, now: datetime) -> bool:
    since = _fact(connection, _SINCE)
    return since is None or now.timestamp() - float(since) > _OVERLAP.total_seconds()


def _run(connection: sa.Connection, statements: str) -> None:
    driver = cast("AdaptedConnection", connection.connection.dbapi_connection)
    # Many at once: the driver's own connection takes them.
    driver.run_async(lambda raw: raw.execute(statements))


def _fact(connection: sa.Connection, name: str) -> str | None:
    found: str | None = connection.scalar(sa.select(facts.c.value).where(facts.c.name == name))
    return found


def _keep(connection: sa.Connection, name: str, value: str) -> None:
    kept = postgresql.insert(facts).values(name=name, value=value)
    connection.execute(kept.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
