"""What wakes jobs. The table `wakeups` says when; a queue sees to it that somebody looks then.

Two engines keep this one protocol: `embedded` on SQLite, within one process, and `procrastinate` on Postgres, for any
number of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
import structlog

if TYPE_CHECKING:
    from bot.jobs.store import Store

log = structlog.get_logger(__name__)

MOST_FAILURES = 8
"""Unexpected failures in a row after which a job is given up: with their pauses about ten minutes."""

AT_ONCE = 32
"""Jobs handled at a time: they mostly wait for the studio, and each holds at most one connection to it."""


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

    def nudge(self) -> None:
        """Say that a transaction was committed."""

    def running(self, store: "Store", handlers: Handlers) -> AbstractAsyncContextManager[None]:
        """Work until the block is left."""


async def look(store: "Store", handlers: Handlers, job_id: str, due_at: float) -> None:
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


async def repeatedly(work: Callable[[], Awaitable[object]], every: timedelta, name: str) -> None:
    """Do `work` again and again; what it raises is logged, and it is done again."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("jobs.chore_failed", chore=name)
        await asyncio.sleep(every.total_seconds())
