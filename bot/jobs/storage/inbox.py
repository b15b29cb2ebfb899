"""What was called back, kept before it is answered: the raw body, and what was read of it when it came."""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec
import sqlalchemy as sa

from bot.clock import Clock
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import inbox, jobs
from bot.jobs.storage.wakeups import Wakeups
from bot.kie.payloads import Callback

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Callback).decode


class Kept(msgspec.Struct, frozen=True):
    """One that is kept. `callback` is None where a version kept it that wrote down the body alone."""

    job_id: str
    digest: bytes
    received_at: datetime
    callback: Callback | None


class Inbox:
    """The callbacks of open jobs."""

    def __init__(self, transactions: Transactions, wakeups: Wakeups, clock: Clock) -> None:
        self._transactions = transactions
        self._wakeups = wakeups
        self._clock = clock

    async def keep(self, job_id: str, part: int, step: str, body: bytes, callback: Callback) -> bool:
        """Keep a callback and wake its job. False: the very same one is here already, or the job is gone."""
        row = {
            "job_id": job_id,
            "part": part,
            "step": step,
            "digest": sha256(body).digest(),
            "received_at": self._clock().timestamp(),
            "body": body,
            "callback": _encode(callback),
        }

        def keep(connection: sa.Connection) -> bool:
            if not is_there(connection, job_id):
                return False
            asked = self._transactions.insert(inbox).values(row).on_conflict_do_nothing()
            is_new = connection.scalar(asked.returning(inbox.c.job_id)) is not None
            if is_new:
                self._wakeups.enqueue(connection, job_id)
            return is_new

        return await self._wakeups.write("callback kept", keep, first=True)

    async def of(self, job_id: str, part: int, step: str) -> list[Kept]:
        """The callbacks of one task, the oldest first."""
        mine = (inbox.c.job_id == job_id) & (inbox.c.part == part) & (inbox.c.step == step)
        kept = (
            sa.select(inbox.c.digest, inbox.c.received_at, inbox.c.callback)
            .where(mine)
            .order_by(inbox.c.received_at)
        )
        rows = await self._transactions.read(lambda connection: connection.execute(kept).all())
        return [
            Kept(job_id, digest, datetime.fromtimestamp(at, UTC), None if read is None else _decode(read))
            for digest, at, read in rows
        ]

    async def body(self, kept: Kept) -> bytes:
        """The raw body of one; empty where its job ended meanwhile."""
        mine = (inbox.c.job_id == kept.job_id) & (inbox.c.digest == kept.digest)
        return await self._transactions.scalar(sa.select(inbox.c.body).where(mine)) or b""


def is_there(connection: sa.Connection, job_id: str) -> bool:
    """Whether a job was not deleted meanwhile; it is not from here on, until the transaction is over."""
    asked = sa.select(jobs.c.id).where(jobs.c.id == job_id).with_for_update(read=True, key_share=True)
    return connection.scalar(asked) is not None
