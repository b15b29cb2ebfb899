"""What every engine does when a wake-up is due."""

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.storage.databases.troubles import Trouble, trouble_of
from bot.jobs.storage.wakeups import Handlers, StaleJobError, Wakeups

log = structlog.get_logger(__name__)

MOST_FAILURES = 8
"""Unexpected failures in a row after which a job is given up: with their pauses about ten minutes."""

MOST_IN_HAND = 1000
"""Jobs that are begun: many more than are worked on at once, so that those who take turns are all in line; 20 kB each."""

_TRIES = 3
"""A job that somebody else wrote meanwhile is read again at once; what is met so often is no coincidence."""


async def look(wakeups: Wakeups, handlers: Handlers, job_id: str, due_at: float) -> None:
    """Follow the wake-up of a job, and put it back for later where that fails in a way nobody foresaw."""
    # Every line that anything writes meanwhile names the job, a library's retries too.
    with structlog.contextvars.bound_contextvars(job=job_id, user=None, server=None):
        await _look(wakeups, handlers, job_id, due_at)


async def _look(wakeups: Wakeups, handlers: Handlers, job_id: str, due_at: float) -> None:
    try:
        for _ in range(_TRIES):
            if await _is_followed(wakeups, handlers, job_id, due_at):
                return
        await wakeups.stumbled(job_id)
    except Exception as error:
        if trouble := trouble_of(error):
            await _put_off(wakeups, job_id, trouble)
            return
        log.exception("jobs.handler_failed", job=job_id)
        if await wakeups.stumbled(job_id) >= MOST_FAILURES:
            await handlers.give_up(job_id)


async def _is_followed(wakeups: Wakeups, handlers: Handlers, job_id: str, due_at: float) -> bool:
    try:
        await handlers.advance(job_id)
        await wakeups.looked(job_id, due_at)
    except StaleJobError:
        log.info("jobs.stale", job=job_id)
        return False
    return True


async def _put_off(wakeups: Wakeups, job_id: str, trouble: Trouble) -> None:
    """Come back to a job later: what is wrong with the database is not the job's doing, and ends none."""
    log.info("jobs.put_off", job=job_id, problem=trouble.sentence)
    try:
        await wakeups.stumbled(job_id, is_its_own=False)
    except SQLAlchemyError as error:
        if trouble_of(error) is None:
            raise
