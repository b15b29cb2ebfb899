"""What the managers of a server decided: who may use the bot there, where, how often, and what its answers are like."""

from typing import Any

import msgspec
import sqlalchemy as sa

from bot.clock import Clock, utc_now
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import servers
from bot.kie.separation import Separation


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one server; as they are here where nobody decided anything.

    No `roles`: everybody. No `channels`: everywhere; a channel stands for its threads too. Songs are counted over 24 h, and
    0 is what the bot's owner set. `separation_type` None: the owner's.
    """

    roles: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()
    songs_per_member: int = 0
    songs_per_server: int = 0
    separation_type: Separation | None = None
    is_private: bool = False
    has_preview: bool = True


NO_RULES = Rules()

_RULES = sa.select(servers.c.document).where(servers.c.guild_id == sa.bindparam("guild_id"))

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Rules).decode


class Servers:
    """The rules in an open database. They are read anew for each command: several processes write."""

    def __init__(self, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._transactions = transactions
        self._clock = clock

    async def rules(self, guild_id: int) -> Rules:
        """What is in force in a server."""
        document = await self._transactions.scalar(_RULES, {"guild_id": guild_id}, first=True)
        return NO_RULES if document is None else _decode(document)

    async def change(self, guild_id: int, **decided: Any) -> Rules:
        """Put some rules in force, by the names they have in `Rules`, and leave the others; returns all."""
        mine = servers.c.guild_id == guild_id
        now = self._clock().timestamp()
        fresh = self._transactions.insert(servers).values(
            guild_id=guild_id, updated_at=0.0, document=_encode(NO_RULES)
        )

        def change(connection: sa.Connection) -> Rules:
            # Two managers may decide at once: with the row there, the second waits for the first and keeps its part.
            connection.execute(fresh.on_conflict_do_nothing())
            asked = sa.select(servers.c.document).where(mine).with_for_update()
            document: bytes = connection.execute(asked).scalar_one()
            rules = msgspec.structs.replace(_decode(document), **decided)
            kept = {"updated_at": now, "document": _encode(rules)}
            connection.execute(sa.update(servers).where(mine).values(kept))
            return rules

        return await self._transactions.write("rules changed", change, first=True)
