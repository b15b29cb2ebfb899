"""What is asked for often is found without a look at all jobs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.jobs.engines.opening import open_database
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.estimates import Estimates
from bot.jobs.storage.kept_songs import KeptSongs
from bot.jobs.storage.store import Store
from tests.jobs.storage.test_store import NOON, Announcements, a_job


@contextmanager
def asked_of_jobs() -> Iterator[list[tuple[str, Any]]]:
    """The queries about jobs that are made in the block."""
    asked: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_context: object
    ) -> None:
        if re.match(r"(SELECT|DELETE)\b", statement) and "FROM jobs" in statement:
            asked.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def plans(transactions: Transactions, asked: list[tuple[str, Any]]) -> list[str]:
    def explained(connection: sa.Connection) -> list[str]:
        return [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]

    return await transactions.read(explained)


async def test_no_look_goes_through_all_jobs(tmp_path: Path) -> None:
    async with open_database(None, tmp_path) as opened:
        transactions = opened.transactions
        store = Store(transactions, Announcements(), lambda: NOON)  # type: ignore[arg-type]  # nothing runs here
        kept_songs = KeptSongs(transactions, studio="kie", keep_for=timedelta(days=14), clock=lambda: NOON)
        with asked_of_jobs() as asked:
            await store.wakeups.reconcile(timedelta(seconds=60))
            await store.sweep(timedelta(days=14))
            await store.undelivered(7)
            await store.recent_of({7, 8})
            await kept_songs.search(7, "night")
            await kept_songs.separations(7, "night")
            await kept_songs.page(7, 0)
            await Estimates(transactions).of(a_job(studio="kie"))
        found = await plans(transactions, asked)
    assert len(asked) >= 9
    assert [plan for plan in found if plan.startswith("SCAN jobs") and "ix_jobs_open" not in plan] == []
    assert any("ix_jobs_songs" in plan for plan in found)
    assert any("ix_jobs_separations" in plan for plan in found)
    assert any("ix_jobs_ended" in plan for plan in found)
