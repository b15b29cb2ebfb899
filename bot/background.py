"""Work that goes on beside everything else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

log = structlog.get_logger(__name__)


async def repeatedly(
    work: Callable[[], Awaitable[object]],
    every: timedelta,
    name: str,
    *,
    is_told: Callable[[Exception], bool] = lambda _error: False,
) -> None:
    """Do `work` again and again; what it raises is logged, unless it `is_told` elsewhere, and it is done again."""
    while True:
        try:
            await work()
        except Exception as error:
            if not is_told(error):
                log.exception("jobs.chore_failed", chore=name)
        await asyncio.sleep(every.total_seconds())
