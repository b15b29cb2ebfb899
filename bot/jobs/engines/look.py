"""What every engine does when a wake-up is due."""

import structlog

from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import Handlers, StaleJobError

log = structlog.get_logger(__name__)

MOST_FAILURES = 8
"""Unexpected failures in a row after which a job is given up: with their pauses about ten minutes."""

AT_ONCE = 32
"""Jobs handled at a time: they mostly wait for the studio, and each holds at most one connection to it."""


async def look(store: Store, handlers: Handlers, job_id: str, due_at: float) -> None:
    """Follow the wake-up of a job, and put it back for later where that fails in a way nobody foresaw."""
    try:
        await handlers.advance(job_id)
        await store.looked(job_id, due_at)
    except StaleJobError:
        log.info("jobs.stale", job=job_id)
        await store.stumbled(job_id)
    except Exception:
        log.exception("jobs.handler_failed", job=job_id)
        if await store.stumbled(job_id) >= MOST_FAILURES:
            await handlers.give_up(job_id)
