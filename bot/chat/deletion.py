"""Deletes all that is kept of one song."""

from bot.jobs.desk import Desk
from bot.jobs.model import Job
from bot.jobs.tables import jobs


async def delete_song(desk: Desk, job: Job) -> None:
    """Delete a job with its notes, its callbacks and its wake-up."""
    await desk._store._delete(jobs.c.id == job.id)  # noqa: SLF001 (the store's public ways delete by person and by age)
