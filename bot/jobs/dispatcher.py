"""The embedded engine: wakes the handler of each job whose time has come, within this one process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from bot.jobs.store import StaleJobError, Store

log = structlog.get_logger(__name__)

Handler = Callable[[str], Awaitable[None]]

_AT_ONCE = 32
"""Jobs handled at a time: they mostly wait for the studio, and each holds at most one connection to it."""

_LONGEST_NAP_SECONDS = 30.0
"""Bounds what a missed nudge or a moved wall clock can cost."""


class Dispatcher:
    """Runs `handler` for every due wake-up, one at a time for each job."""

    def __init__(
        self,
        store: Store,
        handler: Handler,
        gave_up: Callable[[str], Awaitable[None]],
        *,
        nudge: asyncio.Event,
        most_failures: int = 8,
    ) -> None:
        """Setting `nudge` makes it look again now: something was enqueued.

        `gave_up` is told of a job whose handler failed unexpectedly `most_failures` times in a row.
        """
        self._store = store
        self._handler = handler
        self._gave_up = gave_up
        self._most_failures = most_failures
        self._nudge = nudge
        self._busy: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block is left; handlers under way are then stopped, and their jobs go on next time."""
        await self._store.wake_open_jobs()
        loop = asyncio.create_task(self._run(), name="dispatcher")
        try:
            yield
        finally:
            for task in (loop, *self._busy.values()):
                task.cancel()
            await asyncio.gather(loop, *self._busy.values(), return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._nudge.clear()
            try:
                nap = await self._start_due()
            except Exception:
                log.exception("jobs.look_failed")
                nap = 1.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._nudge.wait()

    async def _start_due(self) -> float:
        room = _AT_ONCE - len(self._busy)
        if room <= 0:
            return _LONGEST_NAP_SECONDS
        due, next_in = await self._store.due(self._busy.keys(), room + 1)
        for job_id, due_at in due[:room]:
            self._busy[job_id] = asyncio.create_task(self._handle(job_id, due_at), name=f"job {job_id}")
        if len(due) > room:
            return _LONGEST_NAP_SECONDS
        return min(_LONGEST_NAP_SECONDS, _LONGEST_NAP_SECONDS if next_in is None else next_in)

    async def _handle(self, job_id: str, due_at: float) -> None:
        try:
            await self._handler(job_id)
            await self._store.looked(job_id, due_at)
        except StaleJobError:
            log.info("jobs.stale", job=job_id)
            await self._store.stumbled(job_id)
        except Exception:
            log.exception("jobs.handler_failed", job=job_id)
            if await self._store.stumbled(job_id) >= self._most_failures:
                await self._gave_up(job_id)
        finally:
            del self._busy[job_id]
            self._nudge.set()
