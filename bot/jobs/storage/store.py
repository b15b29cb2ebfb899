"""Reading and writing jobs. Each write is one transaction, with the wake-up for what comes next inside it."""

import asyncio
import zlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.clock import Clock, utc_now
from bot.jobs.model import Job, State
from bot.jobs.naming import folded
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.inbox import Inbox, is_there
from bot.jobs.storage.tables import IS_ENDED, IS_OPEN, facts, inbox, jobs, notes, told, uses, wakeups
from bot.jobs.storage.uses import LONGEST_LIMIT, Check, Uses
from bot.jobs.storage.wakeups import Queue, StaleJobError, Wakeups
from bot.measures import JOBS_ENDED, count

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Job).decode

_DOCUMENT = sa.select(jobs.c.document).where(jobs.c.id == sa.bindparam("job_id"))

_OF_INTERACTION = sa.select(jobs.c.id).where(jobs.c.interaction_id == sa.bindparam("interaction_id"))

_SAVE = sa.update(jobs).where(
    jobs.c.id == sa.bindparam("of_job"),
    jobs.c.revision == sa.bindparam("was_revision"),
    jobs.c.rank <= sa.bindparam("most_rank"),
    IS_OPEN,
)

_ADD_USE = sa.insert(uses)

_FACT = sa.select(facts.c.value).where(facts.c.name == sa.bindparam("name"))

_NEWEST = 50
"""Songs of a person that are looked through at each command: 1 ms."""

NEWS_LAST = timedelta(days=7)
"""Who comes by seldom need not hear of last month's."""

_DELETED_AT_ONCE = 1000
"""SQLite takes 32,766 values in a query, and whoever waits to write meanwhile is let in between."""


class Store:
    """The jobs in an open database, with what was called back of them and when each is to be looked at by `queue`."""

    def __init__(self, transactions: Transactions, queue: Queue, clock: Clock = utc_now) -> None:
        self._transactions = transactions
        self._clock = clock
        self._add = transactions.insert(jobs).on_conflict_do_nothing().returning(jobs.c.id)
        self.wakeups = Wakeups(transactions, queue, clock)
        self.inbox = Inbox(transactions, self.wakeups, clock)

    async def add(
        self,
        job: Job,
        wake_in: timedelta,
        *,
        of_server: int | None = None,
        pays_for: str | None = None,
        check: Check | None = None,
    ) -> bool:
        """Keep a new job and its first wake-up. False: this interaction has its job already, or another pays for the same.

        `of_server`: it is one of the songs of this server, beside being its asker's. `pays_for` is what nobody else may
        be about to pay for. What `check` raises takes all of it back.
        """
        row = {
            "id": job.id,
            "interaction_id": job.reply.interaction_id,
            "pays_for": pays_for,
            **self._columns(job),
        }
        use = {
            "job_id": job.id,
            "user_id": job.reply.user_id,
            "guild_id": of_server,
            "opened_at": job.created_at.timestamp(),
        }

        def add(connection: sa.Connection) -> bool:
            if connection.scalar(self._add, row) is None:
                return False
            if check:
                check(Uses(connection))
            connection.execute(_ADD_USE, use)
            self.wakeups.enqueue(connection, job.id, wake_in)
            return True

        return await self.wakeups.write("job added", add, first=True)

    async def get(self, job_id: str, *, first: bool = False) -> Job | None:
        """The job as it stands. `first`: somebody waits for it."""
        document = await self._transactions.scalar(_DOCUMENT, {"job_id": job_id}, first=first)
        return None if document is None else _decode(document)

    async def beginning_with(self, beginning: str) -> list[Job]:
        """The jobs whose id begins so, up to two: more than one is not the one that is meant. `beginning` is hexadecimal."""
        found = sa.select(jobs.c.document).where(jobs.c.id >= beginning, jobs.c.id < f"{beginning}g").limit(2)
        return [_decode(document) for document in await self._transactions.scalars(found, first=True)]

    async def has_job(self, interaction_id: int) -> bool:
        """Whether an interaction has its job already."""
        values = {"interaction_id": interaction_id}
        return await self._transactions.scalar(_OF_INTERACTION, values, first=True) is not None

    async def newest_of(self, user_id: int) -> Job | None:
        """The job that a person opened last."""
        return next(iter(await self.recent_of({user_id}, 1)), None)

    async def undelivered(self, user_id: int) -> int:
        """How many of a person's newest finished songs could not be posted anywhere, and were not asked for since."""
        done = (
            sa.select(jobs.c.document)
            .where(jobs.c.user_id == user_id, jobs.c.state == State.DONE.value)
            .order_by(jobs.c.created_at.desc())
            .limit(_NEWEST)
        )
        found = map(_decode, await self._transactions.scalars(done))
        return sum(job.message_id is None for job in found)

    async def recent_of(self, user_ids: Collection[int], limit: int = 50) -> list[Job]:
        """The jobs of these persons in whatever state, the newest first."""
        recent = (
            sa.select(jobs.c.document)
            .where(jobs.c.user_id.in_(list(user_ids)))
            .order_by(jobs.c.created_at.desc())
            .limit(limit)
        )
        return [_decode(document) for document in await self._transactions.scalars(recent, first=True)]

    async def under_way(self) -> list[Job]:
        """All jobs that are at no end yet."""
        return [
            _decode(one)
            for one in await self._transactions.scalars(sa.select(jobs.c.document).where(IS_OPEN))
        ]

    async def opened_since(
        self, since: datetime, *, user_id: int | None = None, guild_id: int | None = None
    ) -> list[datetime]:
        """When the songs of a person, of a server, or of a person in it were asked for, the oldest first."""
        return await self._transactions.read(
            lambda connection: Uses(connection).opened_since(since, user_id=user_id, guild_id=guild_id),
            first=True,
        )

    async def forget(self, user_id: int) -> list[Job]:
        """Delete every job of a person with all that belongs to it; returns them as they were."""
        documents: list[bytes] = []
        await self._delete(jobs.c.user_id == user_id, documents)
        untold = sa.delete(told).where(told.c.user_id == user_id)
        await self.wakeups.write("telling forgotten", lambda connection: connection.execute(untold))
        await self._transactions.scrub()
        return list(map(_decode, documents))

    async def delete(self, job_id: str) -> None:
        """Delete a job with all that belongs to it."""
        await self._delete(jobs.c.id == job_id)
        await self._transactions.scrub()

    async def withdraw(self, job_id: str) -> None:
        """Take a job back as if it had never been opened: it counts for no limit either."""
        use = sa.delete(uses).where(uses.c.job_id == job_id)
        await self.wakeups.write("use withdrawn", lambda connection: connection.execute(use))
        await self._delete(jobs.c.id == job_id)

    async def sweep(self, older_than: timedelta) -> int:
        """Delete the jobs that ended so long ago, and what counts for no limit any more; returns how many jobs there were."""
        counted = (self._clock() - LONGEST_LIMIT).timestamp()
        uncounted = sa.delete(uses).where(uses.c.opened_at < counted)
        await self.wakeups.write("uses deleted", lambda connection: connection.execute(uncounted))
        old_news = sa.delete(told).where(told.c.news_at < (self._clock() - NEWS_LAST).timestamp())
        await self.wakeups.write("telling deleted", lambda connection: connection.execute(old_news))
        limit = (self._clock() - older_than).timestamp()
        return await self._delete(sa.and_(IS_ENDED, jobs.c.updated_at < limit))

    async def _delete(self, which: sa.ColumnElement[bool], documents: list[bytes] | None = None) -> int:
        # Locked: what somebody is just adding to them is waited for, and goes with them.
        columns = [jobs.c.id] if documents is None else [jobs.c.id, jobs.c.document]
        some = sa.select(*columns).where(which).limit(_DELETED_AT_ONCE).with_for_update()

        def delete(connection: sa.Connection) -> int:
            rows = connection.execute(some).all()
            gone = [row.id for row in rows]
            if documents is not None:
                documents.extend(row.document for row in rows)
            for table in (inbox, notes, wakeups):
                connection.execute(sa.delete(table).where(table.c.job_id.in_(gone)))
            connection.execute(sa.delete(jobs).where(jobs.c.id.in_(gone)))
            return len(gone)

        count = deleted = await self.wakeups.write("jobs deleted", delete)
        while deleted == _DELETED_AT_ONCE:
            deleted = await self.wakeups.write("jobs deleted", delete)
            count += deleted
        return count

    async def save(
        self,
        job: Job,
        *,
        wake_in: timedelta | None = timedelta(0),
        unless_woken_since: datetime | None = None,
        also: Callable[[sa.Connection], None] | None = None,
    ) -> Job:
        """Write a step's outcome and the wake-up for the next one; returns the job with its new revision.

        `wake_in` None leaves the wake-up as it is, and so does one that was asked for since `unless_woken_since`.
        `also` is done with it.

        Raises:
            StaleJobError: it was written meanwhile, or is at an end, or would go back.
        """
        written = msgspec.structs.replace(job, revision=job.revision + 1)
        values = {
            "of_job": job.id,
            "was_revision": job.revision,
            "most_rank": job.state.rank,
            **self._columns(written),
        }

        def save(connection: sa.Connection) -> None:
            if not connection.execute(_SAVE, values).rowcount:
                raise StaleJobError(job.id)
            if also:
                also(connection)
            if job.state.is_final:
                connection.execute(sa.delete(wakeups).where(wakeups.c.job_id == job.id))
                connection.execute(sa.delete(inbox).where(inbox.c.job_id == job.id))
                if _is_for_nothing(job):
                    connection.execute(sa.delete(uses).where(uses.c.job_id == job.id))
            elif wake_in is not None:
                self.wakeups.enqueue(connection, job.id, wake_in, unless_woken_since)

        await self.wakeups.write(f"job {job.state}", save)
        if job.state.is_final:
            count(JOBS_ENDED, job.state.value, job.error_code or "")
        return written

    async def is_current(self, job: Job) -> bool:
        """Whether nobody wrote or deleted it meanwhile."""
        now = await self.get(job.id)
        return now is not None and now.revision == job.revision

    async def amend(self, job: Job, notes_by_part: Mapping[int, bytes] | None = None) -> bool:
        """Write down what became known of a job after its end, and its new notes.

        False: it was written meanwhile, or is gone, and nothing is written.
        """
        known = msgspec.structs.replace(job, revision=job.revision + 1)
        columns = {name: value for name, value in self._columns(known).items() if name != "updated_at"}
        update = sa.update(jobs).where(jobs.c.id == job.id, jobs.c.revision == job.revision).values(columns)
        rows = [await self._note_row(job.id, part, body) for part, body in (notes_by_part or {}).items()]

        def amend(connection: sa.Connection) -> bool:
            if not connection.execute(update).rowcount:
                return False
            for row in rows:
                self._put_notes(connection, row)
            return True

        return await self.wakeups.write("job amended", amend)

    def _columns(self, job: Job) -> dict[str, Any]:
        return {
            "user_id": job.reply.user_id,
            "guild_id": job.reply.guild_id,
            "state": job.state.value,
            "rank": job.state.rank,
            "revision": job.revision,
            "created_at": job.created_at.timestamp(),
            "updated_at": self._clock().timestamp(),
            "document": _encode(job),
            "title": folded(job.title),
            "separations": folded(" ".join(job.separations)),
            "pace": "" if job.hold else job.pace,
        }

    async def keep_notes(self, job_id: str, part: int, body: bytes) -> None:
        """Keep what the studio heard in one part; a second time replaces the first. Of a job that is gone nothing is kept."""
        row = await self._note_row(job_id, part, body)

        def keep(connection: sa.Connection) -> None:
            if is_there(connection, job_id):
                self._put_notes(connection, row)

        await self.wakeups.write("notes kept", keep)

    @staticmethod
    async def _note_row(job_id: str, part: int, body: bytes) -> dict[str, Any]:
        # Of the longest song packing takes 0.15 s, and unpacking 0.1: not for the loop.
        packed = await asyncio.to_thread(zlib.compress, body, 1)
        return {"job_id": job_id, "part": part, "body": packed}

    def _put_notes(self, connection: sa.Connection, row: dict[str, Any]) -> None:
        asked = self._transactions.insert(notes).values(row)
        connection.execute(
            asked.on_conflict_do_update(index_elements=["job_id", "part"], set_={"body": row["body"]})
        )

    async def notes(self, job_id: str) -> dict[int, bytes]:
        """The notes of a job by part, as raw JSON."""
        wanted = sa.select(notes.c.part, notes.c.body).where(notes.c.job_id == job_id)
        rows = await self._transactions.read(lambda connection: connection.execute(wanted).all())
        return {part: await asyncio.to_thread(zlib.decompress, body) for part, body in rows}

    async def fact(self, name: str, *, first: bool = False) -> str | None:
        """A small fact about the program. `first`: somebody waits for it."""
        found: str | None = await self._transactions.scalar(_FACT, {"name": name}, first=first)
        return found

    async def keep_fact(self, name: str, value: str) -> None:
        """Keep a small fact, in the place of an older one."""
        asked = self._transactions.insert(facts).values(name=name, value=value)
        kept = asked.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        await self.wakeups.write("fact kept", lambda connection: connection.execute(kept))

    async def facts_named(self, beginning: str) -> dict[str, str]:
        """The small facts whose names begin so."""
        wanted = sa.select(facts.c.name, facts.c.value).where(
            facts.c.name.startswith(beginning, autoescape=True)
        )
        rows = await self._transactions.read(lambda connection: connection.execute(wanted).all())
        return {row.name: row.value for row in rows}

    async def drop_fact(self, name: str) -> None:
        """Keep a small fact no longer."""
        gone = sa.delete(facts).where(facts.c.name == name)
        await self.wakeups.write("fact dropped", lambda connection: connection.execute(gone))

    async def claim(self, name: str, lasts: timedelta) -> bool:
        """Whether nobody did this within that time, in any process; from now on somebody did."""
        now = self._clock()
        at, over = (f"{when.timestamp():.3f}" for when in (now, now - lasts))
        asked = self._transactions.insert(facts).values(name=name, value=at)
        taken = asked.on_conflict_do_update(
            index_elements=["name"], set_={"value": at}, where=facts.c.value < over
        )
        row = taken.returning(facts.c.name)
        return await self.wakeups.write("claimed", lambda connection: connection.scalar(row) is not None)

    async def tell_once(self, user_id: int, news_at: float) -> bool:
        """Whether somebody was not told of the news of that moment, in any process; from now on they were."""
        asked = self._transactions.insert(told).values(user_id=user_id, news_at=news_at)
        noted = asked.on_conflict_do_update(
            index_elements=["user_id"], set_={"news_at": news_at}, where=told.c.news_at < news_at
        )
        row = noted.returning(told.c.user_id)
        return await self.wakeups.write("told", lambda connection: connection.scalar(row) is not None)

    async def give_back(self, name: str) -> None:
        """Nobody did it after all."""
        await self.drop_fact(name)


def _is_for_nothing(job: Job) -> bool:
    """Whether a job that ended counts for no limit. Who cancels has had what was paid for by then."""
    return job.state is State.FAILED or (job.state is State.CANCELLED and job.cost is None)
