"""The embedded engine: wakes each job whose time has come, within this one process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import sqlalchemy as sa
import structlog

from bot.jobs.engines.look import MOST_IN_HAND, look
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.wakeups import Handlers, Wakeups

log = structlog.get_logger(__name__)

_LONGEST_NAP_SECONDS = 30.0
"""Bounds what a missed nudge or a moved wall clock can cost."""

_FIRST_PAUSE_SECONDS = 1.0
"""After a failed look at the database; doubled each time."""


class EmbeddedQueue:
    """Looks at the table of wake-ups whenever something was written, and when the next one is due."""

    def __init__(self) -> None:
        self._written = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}

    def announce(self, connection: sa.Connection, job_id: str, due_at: float) -> None:
        """Nothing: the wake-up's row is all that is needed."""

    def told_of(self, connection: sa.Connection, job_ids: Collection[str]) -> set[str]:  # noqa: ARG002 (as queues are called)
        """None: a wake-up's row is looked at when it is due, and telling of it costs nothing."""
        return set()

    def nudge(self) -> None:
        """Look again now."""
        self._written.set()

    @asynccontextmanager
    async def running(self, wakeups: Wakeups, handlers: Handlers) -> AsyncIterator[None]:
        """Work until the block is left; handlers under way are then stopped, and their jobs go on next time."""
        loop = asyncio.create_task(self._run(wakeups, handlers), name="embedded queue")
        try:
            yield
        finally:
            tasks = (loop, *self._busy.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, wakeups: Wakeups, handlers: Handlers) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._written.clear()
            try:
                # What is begun now could not be written down, and would be begun again and again.
                await wakeups.when_written_again()
                nap = await self._start_due(wakeups, handlers)
            except Exception as error:
                if trouble_of(error) is None:
                    log.exception("jobs.look_failed")
                await asyncio.sleep(pause)
                pause = min(_LONGEST_NAP_SECONDS, 2 * pause)
                continue
            pause = _FIRST_PAUSE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._written.wait()

    async def _start_due(self, wakeups: Wakeups, handlers: Handlers) -> float:
        room = MOST_IN_HAND - len(self._busy)
        if room <= 0:
            return _LONGEST_NAP_SECONDS
        due, next_in = await wakeups.due(self._busy.keys(), room)
        for job_id, due_at in due:
            handling = self._handle(wakeups, handlers, job_id, due_at)
            self._busy[job_id] = asyncio.create_task(handling, name=f"job {job_id}")
        return _LONGEST_NAP_SECONDS if next_in is None else min(_LONGEST_NAP_SECONDS, next_in)

    async def _handle(self, wakeups: Wakeups, handlers: Handlers, job_id: str, due_at: float) -> None:
        try:
            await look(wakeups, handlers, job_id, due_at)
        finally:
            del self._busy[job_id]
            self.nudge()
