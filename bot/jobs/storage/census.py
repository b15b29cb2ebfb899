"""How many jobs are under way and how long, and how the newest ended."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.jobs.model import FINAL, State
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.tables import IS_ENDED, IS_OPEN, jobs, wakeups

_MOST_ENDS: Final = 200
"""That are read: enough to see what is usual, in 10 ms."""


class UnderWay(msgspec.Struct, frozen=True):
    """The jobs of one state."""

    count: int = 0
    oldest_seconds: float = 0.0


class Census(msgspec.Struct, frozen=True):
    """The open jobs by state, with those states that have none; and how many of all are due to be looked at."""

    under_way: Mapping[State, UnderWay]
    due: int


async def take_census(transactions: Transactions, clock: Clock) -> Census | None:
    """Count what is open now; None where the database is in trouble, which is told elsewhere."""
    now = clock().timestamp()
    by_state = (
        sa.select(jobs.c.state, sa.func.count(), sa.func.min(jobs.c.created_at))
        .where(IS_OPEN)
        .group_by(jobs.c.state)
    )
    due = sa.select(sa.func.count()).select_from(wakeups).where(wakeups.c.due_at <= now)

    def count(connection: sa.Connection) -> Census:
        found = {
            State(state): UnderWay(number, max(0.0, now - oldest))
            for state, number, oldest in connection.execute(by_state)
        }
        every = {state: found.get(state, UnderWay()) for state in State if state not in FINAL}
        return Census(every, connection.scalar(due) or 0)

    try:
        return await transactions.read(count)
    except SQLAlchemyError as error:
        if trouble_of(error) is None:
            raise
        return None


class Ends(msgspec.Struct, frozen=True):
    """How many jobs came to each end, with the error's code where there was one."""

    counts: Counter[tuple[State, str]] = msgspec.field(default_factory=Counter)
    values: Mapping[str, Mapping[str, str | float]] = msgspec.field(default_factory=dict)
    """By code, what the sentence of the newest such error is filled with."""


async def take_ends(transactions: Transactions, since: datetime) -> Ends:
    """How the newest jobs ended since then."""
    wanted = (
        sa.select(jobs.c.state, jobs.c.document)
        .where(IS_ENDED, jobs.c.updated_at > since.timestamp())
        .order_by(jobs.c.updated_at.desc())
        .limit(_MOST_ENDS)
    )

    def count(connection: sa.Connection) -> Ends:
        counts: Counter[tuple[State, str]] = Counter()
        values: dict[str, Mapping[str, str | float]] = {}
        for state, document in connection.execute(wanted):
            failed = msgspec.json.decode(document, type=_Failed)
            code = failed.error_code or ""
            counts[State(state), code] += 1
            values.setdefault(code, failed.error_values)
        return Ends(counts, values)

    return await transactions.read(count)


class _Failed(msgspec.Struct):
    error_code: str | None = None
    error_values: dict[str, str | int | float] = {}
