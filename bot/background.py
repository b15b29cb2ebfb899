"""Work that goes on beside everything else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

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


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, name: str) -> AsyncIterator[None]:
    """Have `work` done while the block is; an error that ends it early is logged, and ends nothing else."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("background.ended", task=task.get_name(), exc_info=error)
