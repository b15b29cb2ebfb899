"""Until when a job may take, for whatever waits inside of a step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.clock import Clock
from bot.errors import JobTimeoutError
from bot.jobs.model import Job
from bot.kie.song_errors import spoken

PAST_THE_END = timedelta(milliseconds=10)
"""So much later than a moment that is waited for: then it is surely over."""


def too_late(job: Job) -> JobTimeoutError:
    """What is told once a job's time is over."""
    return JobTimeoutError(time=spoken(job.worked(job.deadline_at).total_seconds()))


@asynccontextmanager
async def deadline_of(job: Job, clock: Clock) -> AsyncIterator[None]:
    """Ends the block, whatever it waits for, when the job's time is over.

    Raises:
        JobTimeoutError: it is.
    """
    left = max(job.deadline_at - clock(), timedelta(0))
    waiting = asyncio.timeout(left.total_seconds())
    try:
        async with waiting:
            yield
    except TimeoutError:
        if waiting.expired():
            raise too_late(job) from None
        raise
