"""Reading and writing jobs. Each write is one transaction, with the wake-up for what comes next inside it."""

import zlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock, utc_now
from bot.jobs.model import FINAL, Job
from bot.jobs.tables import facts, inbox, jobs, notes, wakeups

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Job).decode


class StaleJobError(Exception):
    """Somebody else wrote this job first. Read it again."""


class Store:
    """The jobs in a database that `bot.jobs.database` opened."""

    def __init__(self, engine: AsyncEngine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reads_only=True)
        self._clock = clock

    async def add(self, job: Job, wake_in: timedelta) -> bool:
        """Keep a new job and its first wake-up. False: this interaction has its job already."""
        async with self._engine.begin() as connection:
            row = {"id": job.id, "interaction_id": job.reply.interaction_id, **self._columns(job)}
            added = await connection.execute(insert(jobs).values(row).on_conflict_do_nothing())
            if not added.rowcount:
                return False
            await self.enqueue(connection, job.id, wake_in)
        return True

    async def wake(self, job_id: str) -> None:
        """Ask for a look at a job now."""
        async with self._engine.begin() as connection:
            await self.enqueue(connection, job_id)

    async def get(self, job_id: str) -> Job | None:
        """The job as it stands."""
        async with self._reader.connect() as connection:
            document = await connection.scalar(sa.select(jobs.c.document).where(jobs.c.id == job_id))
        return None if document is None else _decode(document)

    async def newest_of(self, user_id: int) -> Job | None:
        """The job that a person opened last."""
        newest = (
            sa.select(jobs.c.document)
            .where(jobs.c.user_id == user_id)
            .order_by(jobs.c.created_at.desc())
            .limit(1)
        )
        async with self._reader.connect() as connection:
            document = await connection.scalar(newest)
        return None if document is None else _decode(document)

    async def save(self, job: Job, *, wake_in: timedelta | None = timedelta(0)) -> Job:
        """Write a step's outcome and the wake-up for the next one; returns the job with its new revision.

        `wake_in` None leaves the wake-up as it is.

        Raises:
            StaleJobError: it was written meanwhile, or is at an end, or would go back.
        """
        written = msgspec.structs.replace(job, revision=job.revision + 1)
        async with self._engine.begin() as connection:
            done = await connection.execute(
                sa.update(jobs)
                .where(
                    jobs.c.id == job.id,
                    jobs.c.revision == job.revision,
                    jobs.c.rank <= job.state.rank,
                    jobs.c.state.not_in(FINAL),
                )
                .values(self._columns(written))
            )
            if not done.rowcount:
                raise StaleJobError(job.id)
            if job.state.is_final:
                await connection.execute(sa.delete(wakeups).where(wakeups.c.job_id == job.id))
                await connection.execute(sa.delete(inbox).where(inbox.c.job_id == job.id))
            elif wake_in is not None:
                await self.enqueue(connection, job.id, wake_in)
        return written

    def _columns(self, job: Job) -> dict[str, Any]:
        return {
            "user_id": job.reply.user_id,
            "guild_id": job.reply.guild_id,
            "state": job.state,
            "rank": job.state.rank,
            "revision": job.revision,
            "created_at": job.created_at.timestamp(),
            "updated_at": self._clock().timestamp(),
            "document": _encode(job),
        }

    async def enqueue(
        self, connection: AsyncConnection, job_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """Ask, in the caller's own transaction, for a look at a job; a nearer one stands."""
        due = (self._clock() + delay).timestamp()
        asked = insert(wakeups).values(job_id=job_id, due_at=due)
        await connection.execute(
            asked.on_conflict_do_update(index_elements=["job_id"], set_={"due_at": due, "failures": 0})
        )

    async def keep_callback(self, job_id: str, part: int, step: str, body: bytes) -> bool:
        """Keep a raw callback and wake its job. False: the very same one is here already."""
        async with self._engine.begin() as connection:
            row = {
                "job_id": job_id,
                "part": part,
                "step": step,
                "digest": sha256(body).digest(),
                "received_at": self._clock().timestamp(),
                "body": body,
            }
            added = await connection.execute(insert(inbox).values(row).on_conflict_do_nothing())
            if added.rowcount:
                await self.enqueue(connection, job_id)
        return bool(added.rowcount)

    async def callbacks(self, job_id: str, part: int, step: str) -> Sequence[bytes]:
        """The raw callbacks of one task, oldest first."""
        wanted = (inbox.c.job_id == job_id) & (inbox.c.part == part) & (inbox.c.step == step)
        async with self._reader.connect() as connection:
            found = await connection.scalars(
                sa.select(inbox.c.body).where(wanted).order_by(inbox.c.received_at)
            )
            return found.all()

    async def keep_notes(self, job_id: str, part: int, body: bytes) -> None:
        """Keep what the studio heard in one part; a second time replaces the first."""
        row = {"job_id": job_id, "part": part, "body": zlib.compress(body, 1)}
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(notes)
                .values(row)
                .on_conflict_do_update(index_elements=["job_id", "part"], set_={"body": row["body"]})
            )

    async def notes(self, job_id: str) -> dict[int, bytes]:
        """The notes of a job by part, as raw JSON."""
        async with self._reader.connect() as connection:
            rows = await connection.execute(
                sa.select(notes.c.part, notes.c.body).where(notes.c.job_id == job_id)
            )
            return {part: zlib.decompress(body) for part, body in rows}

    async def open_jobs(self) -> int:
        """How many jobs are under way."""
        async with self._reader.connect() as connection:
            counted = await connection.scalar(
                sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.not_in(FINAL))
            )
        return counted or 0

    async def wake_open_jobs(self) -> None:
        """Give a wake-up to every job under way that has none."""
        orphans = (
            sa.select(jobs.c.id, sa.literal(self._clock().timestamp()), sa.literal(0))
            .where(jobs.c.state.not_in(FINAL))
            .where(jobs.c.id.not_in(sa.select(wakeups.c.job_id)))
        )
        async with self._engine.begin() as connection:
            await connection.execute(
                sa.insert(wakeups).from_select(["job_id", "due_at", "failures"], orphans)
            )

    async def due(self, busy: Collection[str], limit: int) -> tuple[list[tuple[str, float]], float | None]:
        """Jobs whose time has come and that nobody is busy with, each with its due time; and the seconds until the next."""
        now = self._clock().timestamp()
        free = wakeups.c.job_id.not_in(busy)
        async with self._reader.connect() as connection:
            rows = await connection.execute(
                sa.select(wakeups.c.job_id, wakeups.c.due_at)
                .where(free)
                .order_by(wakeups.c.due_at)
                .limit(limit)
            )
            found = [(job_id, due_at) for job_id, due_at in rows]
        later = [due_at - now for _, due_at in found if due_at > now]
        return [row for row in found if row[1] <= now], min(later, default=None)

    async def looked(self, job_id: str, due_at: float) -> None:
        """Take back a wake-up that was followed, unless another was asked for meanwhile."""
        async with self._engine.begin() as connection:
            await connection.execute(
                sa.delete(wakeups).where(wakeups.c.job_id == job_id, wakeups.c.due_at == due_at)
            )

    async def stumbled(self, job_id: str) -> int:
        """Count an unexpected failure of a job's handler and wake it later; returns how many there were."""
        async with self._engine.begin() as connection:
            failures = await connection.scalar(
                sa.select(wakeups.c.failures).where(wakeups.c.job_id == job_id)
            )
            count = (failures or 0) + 1
            due = (self._clock() + timedelta(seconds=min(300, 2**count))).timestamp()
            row = {"job_id": job_id, "due_at": due, "failures": count}
            await connection.execute(
                insert(wakeups)
                .values(row)
                .on_conflict_do_update(index_elements=["job_id"], set_={"due_at": due, "failures": count})
            )
        return count

    async def fact(self, name: str) -> str | None:
        """A small fact about the program."""
        async with self._reader.connect() as connection:
            found: str | None = await connection.scalar(sa.select(facts.c.value).where(facts.c.name == name))
        return found

    async def keep_fact(self, name: str, value: str) -> None:
        """Keep a small fact, in the place of an older one."""
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(facts)
                .values(name=name, value=value)
                .on_conflict_do_update(index_elements=["name"], set_={"value": value})
            )
