"""Shows a step that takes long, and sees meanwhile whether somebody cancelled the job or deleted its answer."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from msgspec.structs import replace

from bot.clock import Clock
from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.outside import AnswerDeletedError, Answered, Courier

log = structlog.get_logger(__name__)

_Result = TypeVar("_Result")

_ACKNOWLEDGED_WITHIN = timedelta(seconds=4)
"""Discord takes no acknowledgement after 3 s."""

_QUICK_SECONDS = 0.25
"""A step that is over sooner is not shown: the next one, or the result, is only held up by an edit."""

_SHOWN_EVERY_SECONDS = 5.0
"""While a step takes long: how far it is, and whether somebody cancelled it."""


class Showing:
    """Between the steps of jobs and the courier."""

    def __init__(self, store: Store, courier: Courier, clock: Clock) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock

    async def ours(self, job: Job) -> Job | None:
        """The job, to be gone on with: Discord has its acknowledgement. None where it has another's, who pays for their own."""
        answered = await self._courier.whose(job)
        if answered is Answered.NOBODYS and self._clock() - job.created_at < _ACKNOWLEDGED_WITHIN:
            # It may be on its way still.
            await self._store.save(job, wake_in=_ACKNOWLEDGED_WITHIN)
            return None
        can_tell = job.reply.may_post and not job.reply.is_private
        if answered is Answered.ANOTHERS or (answered is Answered.NOBODYS and not can_tell):
            # Nobody waits for it here, or there is no way to tell them: nothing is spent on it.
            log.info("job.withdrawn", job=job.id, answered=answered.name)
            await self._store.withdraw(job.id)
            return None
        reply = job.reply if answered is Answered.OURS else replace(job.reply, token="")
        return await self._store.save(replace(job, reply=reply, is_acknowledged=True), wake_in=None)

    async def during(self, job: Job, step: Coroutine[Any, Any, _Result | None]) -> _Result | None:
        """What a step gives; None, too, where it was cancelled meanwhile."""
        work = asyncio.create_task(step, name=f"{job.state} of {job.id}")
        try:
            return await work if await self._is_over(work, job) else None
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _is_over(self, work: asyncio.Task[_Result | None], job: Job) -> bool:
        """Wait for a step, showing the job meanwhile. False: it was cancelled, and need not be gone on with."""
        done, _ = await asyncio.wait([work], timeout=_QUICK_SECONDS)
        while not done:
            latest = await self._store.get(job.id)
            if latest is None or latest.state is State.CANCELLED:
                return False
            if not latest.is_unwanted:
                await self.show(job)
            done, _ = await asyncio.wait([work], timeout=_SHOWN_EVERY_SECONDS)
        return True

    async def show(self, job: Job) -> bool:
        """Show how far a job is. False: its answer is gone, so it is over."""
        try:
            await self._courier.show(job)
        except AnswerDeletedError:
            # As a press of its button: what is being ordered meanwhile is waited for.
            await self.cancel(job.id)
            return False
        return True

    async def cancel(self, job_id: str) -> None:
        """End a job whose answer somebody deleted."""
        log.info("job.answer_deleted", job=job_id)
        while (job := await self._store.get(job_id)) and not job.state.is_final and not job.is_unwanted:
            with contextlib.suppress(StaleJobError):
                await self._store.save(job.cancelled(self._clock()))

    async def retract_if_cancelled(self, job: Job) -> None:
        """Somebody may have cancelled or deleted it while an edit was on its way that came after the button's."""
        latest = await self._store.get(job.id)
        if latest is None and job.is_acknowledged:
            await self._courier.forgotten(job)
        elif latest is not None and latest.state is State.CANCELLED:
            await self._courier.retract(latest)
