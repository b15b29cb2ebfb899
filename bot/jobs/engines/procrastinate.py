"""The engine on Postgres, for any number of processes: procrastinate carries the wake-ups.

The table `wakeups` stays the truth: a procrastinate job only says "look at this one now". One that comes for a
wake-up which was moved meanwhile finds so and does nothing, so that wake-ups never multiply.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import procrastinate
import sqlalchemy as sa
import structlog
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy.engine import AdaptedConnection

from bot.clock import Clock, utc_now
from bot.jobs.engines.look import look
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.wakeups import Handlers, Wakeups

log = structlog.get_logger(__name__)

IN_HAND = 256
"""Jobs that one process takes: four times what it works on at once, so that there are turns among those who wait, and few
enough that what is beyond is there for other processes."""

_HEARTBEAT_SECONDS = 5.0
_DEAD_AFTER_SECONDS = 20.0
"""A worker that was silent for so long is dead, and what it had in hand is given to another: within a minute in all."""

_AGAIN_SECONDS = 1.0
_LONGEST_AGAIN_SECONDS = 15.0
"""Between the end of a worker and the next one, from the first to the last while the database is away."""

_POLL_SECONDS = 1.0
"""Between two looks for what nobody tells of: wake-ups whose time has come."""

_NOW_FIRST = 1
"""The priority of what is to be done now: procrastinate lets a job's lock wait for an earlier one of its own
priority, even one that is scheduled for later."""


_tasks = sa.table("procrastinate_jobs", sa.column("lock"), sa.column("status"), sa.column("scheduled_at"))
"""Of procrastinate's own."""


class ProcrastinateQueue:
    """Wake-ups as procrastinate jobs, one at a time for each of our jobs."""

    def __init__(self, conninfo: str, *, listen: bool, clock: Clock = utc_now) -> None:
        """`listen` False polls: LISTEN does not pass a PgBouncer in transaction mode."""
        # One connection listens, the others fetch and finish; handlers use the store's own pool.
        connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)
        self._app = procrastinate.App(connector=connector)
        self._wake = self._app.task(name="wake", queue="jobs")(self._on_wake)
        self._app.periodic(cron="* * * * * */10")(
            self._app.task(name="rescue", queue="jobs", queueing_lock="rescue", pass_context=False)(
                self._on_rescue
            )
        )
        self._listen = listen
        self._clock = clock
        self._wakeups: Wakeups | None = None
        self._handlers: Handlers | None = None

    def announce(self, connection: sa.Connection, job_id: str, due_at: float) -> None:
        """Defer a procrastinate job on the caller's connection: both are committed, or neither."""
        soon = due_at <= self._clock().timestamp()
        at = None if soon else datetime.fromtimestamp(due_at, UTC)

        def defer(raw: Any) -> Awaitable[int]:
            deferrer = self._wake.configure(
                lock=f"job:{job_id}", priority=_NOW_FIRST if soon else 0, schedule_at=at, connection=raw
            )
            return deferrer.defer_async(job_id=job_id, due_at=due_at)

        cast("AdaptedConnection", connection.connection.dbapi_connection).run_async(defer)

    def told_of(self, connection: sa.Connection, job_ids: Collection[str]) -> set[str]:
        """Those that a worker has in hand or may take by now; what a dead one had in hand is given to another by `_on_rescue`."""
        # Its states are an enum of Postgres, which takes no bound text.
        doing: sa.ColumnClause[str] = sa.literal_column("'doing'")
        waiting: sa.ColumnClause[str] = sa.literal_column("'todo'")
        is_due = sa.or_(_tasks.c.scheduled_at.is_(None), _tasks.c.scheduled_at <= sa.func.now())
        wanted = (
            sa.select(_tasks.c.lock)
            .where(_tasks.c.lock.in_([f"job:{job_id}" for job_id in job_ids]))
            .where(sa.or_(_tasks.c.status == doing, sa.and_(_tasks.c.status == waiting, is_due)))
        )
        return {str(lock).removeprefix("job:") for lock in connection.scalars(wanted)}

    def nudge(self) -> None:
        """Nothing: Postgres tells the workers of a commit."""

    @asynccontextmanager
    async def running(self, wakeups: Wakeups, handlers: Handlers) -> AsyncIterator[None]:
        """Work until the block is left; handlers get a moment to end, and the rest is done by others or next time."""
        self._wakeups, self._handlers = wakeups, handlers
        async with self._app.open_async():
            worker = asyncio.create_task(self._keep_working(), name="procrastinate queue")
            try:
                yield
            finally:
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)

    async def _keep_working(self) -> None:
        """A worker of procrastinate ends when one of its connections fails once, as when the database restarts."""
        pause = _AGAIN_SECONDS
        while True:
            began = time.monotonic()
            try:
                await self._app.run_worker_async(
                    queues=["jobs"],
                    concurrency=IN_HAND,
                    install_signal_handlers=False,
                    listen_notify=self._listen,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    shutdown_graceful_timeout=1.0,
                    update_heartbeat_interval=_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=_DEAD_AFTER_SECONDS,
                )
            except Exception as error:
                if trouble := trouble_of(error):
                    log.warning("queue.worker_ended", problem=trouble.sentence)
                else:
                    log.exception("queue.worker_ended")
            # One that ran for a while begins anew.
            pause = _AGAIN_SECONDS if time.monotonic() - began > _LONGEST_AGAIN_SECONDS else 2 * pause
            await asyncio.sleep(min(_LONGEST_AGAIN_SECONDS, pause))

    async def _on_wake(self, job_id: str, due_at: float | None = None) -> None:
        """Follow a wake-up. `due_at` is when it was asked for; None from a version that did not say."""
        if self._wakeups is None or self._handlers is None:
            raise RuntimeError("a wake-up came before the queue was running")
        asked = await self._wakeups.due_at(job_id)
        if asked is None or (asked > self._now() and asked != due_at):
            # Followed by now, or put off, which was told of too.
            return
        # The clocks of two machines may differ.
        await asyncio.sleep(asked - self._now())
        while True:
            await look(self._wakeups, self._handlers, job_id, asked)
            # What was asked for meanwhile is followed here: when it was told of, the worker found this job's lock taken.
            asked = await self._wakeups.due_at(job_id)
            if asked is None or asked > self._now():
                return

    def _now(self) -> float:
        return self._clock().timestamp()

    async def _on_rescue(self, timestamp: int) -> None:  # noqa: ARG002 (procrastinate names the tick)
        """Give what a dead worker had in hand to another."""
        manager = self._app.job_manager
        for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_SECONDS):
            log.warning("jobs.taken_over", job=stalled.task_kwargs.get("job_id"))
            await manager.retry_job(stalled)
