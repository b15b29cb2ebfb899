"""The last 24 hours in numbers, for who runs the bot."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from bot.jobs.model import Job, State
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import IS_ENDED, IS_OPEN, jobs

_DAY: Final = timedelta(hours=24)

_AT_ONCE: Final = 200
"""Jobs that are read in one go: 10 ms, in which nothing else happens."""

_decode = msgspec.json.Decoder(Job).decode


class Day(msgspec.Struct, frozen=True):
    """`ended` counts jobs by their end, `failures` those that failed by the error's code. Deleted songs are in none of it.

    `people` and `servers` are those that asked; `credits` is what the jobs that ended cost, as far as it is known.
    """

    ended: Counter[State]
    failures: Counter[str]
    under_way: int
    people: int
    servers: int
    credits: float


async def take_day(transactions: Transactions, now: datetime) -> Day:
    """Count what happened in the 24 hours before."""
    since = (now - _DAY).timestamp()
    asked = jobs.c.created_at > since
    counted = sa.select(
        sa.func.count(sa.distinct(jobs.c.user_id)), sa.func.count(sa.distinct(jobs.c.guild_id))
    ).where(asked)
    people, servers = await transactions.read(lambda connection: connection.execute(counted).one())
    under_way = await transactions.scalar(sa.select(sa.func.count()).select_from(jobs).where(IS_OPEN))
    ended: Counter[State] = Counter()
    failures: Counter[str] = Counter()
    credits_spent = 0.0
    async for job in _ended_since(transactions, since):
        ended[job.state] += 1
        if job.state is State.FAILED:
            failures[job.error_code or ""] += 1
        credits_spent += job.cost.credits if job.cost else 0.0
    return Day(ended, failures, under_way, people, servers, credits_spent)


async def _ended_since(transactions: Transactions, since: float) -> AsyncIterator[Job]:
    last: tuple[float, str] = (since, "")
    while rows := await _page(transactions, *last):
        for row in rows:
            yield _decode(row.document)
        last = rows[-1].updated_at, rows[-1].id


async def _page(transactions: Transactions, since: float, after_id: str) -> Sequence[Any]:
    """The next ones that ended, in the order in which they did."""
    later = sa.tuple_(jobs.c.updated_at, jobs.c.id) > sa.tuple_(sa.literal(since), sa.literal(after_id))
    wanted = (
        sa.select(jobs.c.updated_at, jobs.c.id, jobs.c.document)
        .where(IS_ENDED, jobs.c.updated_at >= since, later)
        .order_by(jobs.c.updated_at, jobs.c.id)
        .limit(_AT_ONCE)
    )
    return await transactions.read(lambda connection: connection.execute(wanted).all())
