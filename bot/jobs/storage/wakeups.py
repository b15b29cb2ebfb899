"""What wakes jobs. The table `wakeups` says when; a queue sees to it that somebody looks then.

Two engines in `bot.jobs.engines` keep this one protocol: `embedded` on SQLite, within one process, and `procrastinate`
on Postgres, for any number of them.
"""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

if TYPE_CHECKING:
    # The store writes wake-ups and so knows this protocol; what a queue is given is a name here, and no import.
    from bot.jobs.storage.store import Store


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
