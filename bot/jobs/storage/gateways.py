"""Which shards the processes of one database serve: each says so every minute, so that one that died is missed by the others."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from bot.clock import Clock, utc_now
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import facts

SAID_EVERY = timedelta(minutes=1)

_LASTS = timedelta(minutes=3)
"""A database that is away for a moment, or a deploy, is no loss."""

_NAME = "gateway "


class Said(msgspec.Struct, frozen=True):
    """What one process said at that moment, in seconds since the epoch: its connected shards, and their servers."""

    shards: tuple[int, ...]
    servers: int
    at: float


class Gateways:
    """Kept under the first shard of each process: another split among the processes takes the place of an older one."""

    def __init__(self, store: Store, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock

    async def say(self, first: int, shards: Sequence[int], servers: int) -> None:
        """The process whose first shard is `first` has these connected."""
        said = Said(tuple(shards), servers, self._clock().timestamp())
        await self._store.keep_fact(f"{_NAME}{first}", msgspec.json.encode(said).decode())

    async def heard(self) -> tuple[set[int], int]:
        """The shards that are connected in any process, and the servers of all."""
        kept = await self._transactions.scalars(
            sa.select(facts.c.value).where(facts.c.name.startswith(_NAME, autoescape=True))
        )
        oldest = (self._clock() - _LASTS).timestamp()
        said = [one for one in (msgspec.json.decode(value, type=Said) for value in kept) if one.at > oldest]
        return {shard for one in said for shard in one.shards}, sum(one.servers for one in said)
