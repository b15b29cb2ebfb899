"""What wakes jobs. The table `wakeups` says when; a queue sees to it that somebody looks then.

Two engines in `bot.jobs.engines` keep this one protocol: `embedded` on SQLite, within one process, and `procrastinate`
on Postgres, for any number of them.
"""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from bot.clock import Clock
from bot.jobs.storage.databases.transactions import Result, Transactions, Work
from bot.jobs.storage.tables import IS_OPEN, jobs, wakeups

_FURTHEST = timedelta(hours=1)
"""A question is given up after a quarter of one: what is later was asked for before the clock was set back."""


_DUE_AT = sa.select(wakeups.c.due_at).where(wakeups.c.job_id == sa.bindparam("job_id"))

_DUE = (
    sa.select(wakeups.c.job_id, wakeups.c.due_at)
    .where(wakeups.c.job_id.not_in(sa.bindparam("busy", expanding=True)))
    .order_by(wakeups.c.due_at)
    .limit(sa.bindparam("limit"))
)

_FOLLOWED = sa.delete(wakeups).where(
    wakeups.c.job_id == sa.bindparam("of_job"), wakeups.c.due_at == sa.bindparam("was_due_at")
)


class StaleJobError(Exception):
    """Somebody else wrote this job first. Read it again."""


class Handlers(Protocol):
    """What a queue calls."""

    async def advance(self, job_id: str) -> None:
        """Do the next step of a job."""

    async def give_up(self, job_id: str) -> None:
        """End a job whose step failed again and again."""


class Queue(Protocol):
    """Wakes jobs at their time."""

    def announce(self, connection: sa.Connection, job_id: str, due_at: float) -> None:
        """Say, in the caller's own transaction, that a job is to be looked at then, in seconds since the epoch."""

    def told_of(self, connection: sa.Connection, job_ids: Collection[str]) -> set[str]:
        """Which of these jobs somebody looks at, or will as soon as there is room, without being told once more."""

    def nudge(self) -> None:
        """Say that a transaction was committed."""

    def running(self, wakeups: "Wakeups", handlers: Handlers) -> AbstractAsyncContextManager[None]:
        """Work until the block is left."""


class Wakeups:
    """When each open job is to be looked at next. One row a job, so that many reasons make one look."""

    def __init__(self, transactions: Transactions, queue: Queue, clock: Clock) -> None:
        self._transactions = transactions
        self._queue = queue
        self._clock = clock
        asked = transactions.insert(wakeups)
        anew = {"due_at": asked.excluded.due_at, "failures": 0}
        # What comes back was written; Postgres counts no rows of such an insert.
        self._wake = asked.on_conflict_do_update(index_elements=["job_id"], set_=anew).returning(
            wakeups.c.job_id
        )
        self._wake_unless = asked.on_conflict_do_update(
            index_elements=["job_id"],
            set_=anew,
            where=wakeups.c.due_at <= sa.bindparam("woken_since"),
        ).returning(wakeups.c.job_id)

    async def when_written_again(self) -> None:
        """Come back when the database can be worked with, at once where nothing is known to be wrong with it.

        Raises:
            SQLAlchemyError: it cannot yet.
        """
        if self._transactions.trouble:
            await self._transactions.look()

    async def write(self, point: str, work: Work[Result], *, first: bool = False) -> Result:
        """Do what may ask for a look, and say so."""
        try:
            return await self._transactions.write(point, work, first=first)
        finally:
            # Whoever is cancelled here may have written.
            self._queue.nudge()

    def enqueue(
        self,
        connection: sa.Connection,
        job_id: str,
        delay: timedelta = timedelta(0),
        unless_woken_since: datetime | None = None,
    ) -> None:
        """Ask, in the caller's own transaction, for a look at a job, in the place of one asked for earlier."""
        due = (self._clock() + delay).timestamp()
        values = {"job_id": job_id, "due_at": due}
        if unless_woken_since is None:
            written = connection.scalar(self._wake, values)
        else:
            values["woken_since"] = unless_woken_since.timestamp()
            written = connection.scalar(self._wake_unless, values)
        if written:
            self._queue.announce(connection, job_id, due)

    async def wake(self, job_id: str) -> None:
        """Ask for a look at a job now."""
        await self.write("job woken", lambda connection: self.enqueue(connection, job_id), first=True)

    async def reconcile(self, overdue: timedelta, furthest: timedelta = _FURTHEST) -> int:
        """Wake every open job with no wake-up, one that nobody followed for so long, or one `furthest` off; returns how many.

        Not those that are in line for a worker: each telling is a row more.
        """
        limit, horizon = ((self._clock() + away).timestamp() for away in (-overdue, furthest))
        forgotten = (
            sa.select(jobs.c.id, wakeups.c.due_at)
            .outerjoin(wakeups, wakeups.c.job_id == jobs.c.id)
            .where(IS_OPEN)
            .where(sa.or_(wakeups.c.due_at.is_(None), wakeups.c.due_at < limit, wakeups.c.due_at > horizon))
            .limit(1000)
        )

        def find(connection: sa.Connection) -> list[str]:
            rows = connection.execute(forgotten).all()
            overdue_ones = [job_id for job_id, due_at in rows if due_at is not None and due_at < limit]
            in_line = self._queue.told_of(connection, overdue_ones) if overdue_ones else set()
            return [job_id for job_id, _ in rows if job_id not in in_line]

        found = await self._transactions.read(find)
        for job_id in found:
            await self.wake(job_id)
        return len(found)

    async def due_at(self, job_id: str) -> float | None:
        """When a job is to be looked at next, in seconds since the epoch."""
        found: float | None = await self._transactions.scalar(_DUE_AT, {"job_id": job_id})
        return found

    async def due(self, busy: Collection[str], limit: int) -> tuple[list[tuple[str, float]], float | None]:
        """Jobs whose time has come and that nobody is busy with, each with its due time; and the seconds until the next."""
        now = self._clock().timestamp()
        wanted = {"busy": list(busy), "limit": limit}
        rows = await self._transactions.read(lambda connection: connection.execute(_DUE, wanted).all())
        found = [(job_id, due_at) for job_id, due_at in rows]
        later = [due_at - now for _, due_at in found if due_at > now]
        return [row for row in found if row[1] <= now], min(later, default=None)

    async def looked(self, job_id: str, due_at: float) -> None:
        """Take back a wake-up that was followed, unless another was asked for meanwhile."""
        followed = {"of_job": job_id, "was_due_at": due_at}
        await self.write("wake-up followed", lambda connection: connection.execute(_FOLLOWED, followed))

    async def stumbled(self, job_id: str, *, is_its_own: bool = True) -> int:
        """Wake a job later whose handler failed, and count that where it `is_its_own`; returns how many there were."""
        mine = wakeups.c.job_id == job_id

        def put_back(connection: sa.Connection) -> int:
            failures: int | None = connection.scalar(sa.select(wakeups.c.failures).where(mine))
            if failures is None:
                # The job is at its end, or was forgotten: there is nothing to come back for.
                return 0
            count = failures + 1
            self.enqueue(connection, job_id, timedelta(seconds=min(300, 2**count)))
            if not is_its_own:
                return failures
            connection.execute(sa.update(wakeups).where(mine).values(failures=count))
            return count

        return await self.write("wake-up put back", put_back)
