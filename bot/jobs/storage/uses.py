"""Which songs count for the limits of a day."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from bot.jobs.storage.tables import uses

LONGEST_LIMIT = timedelta(hours=24)
"""What was asked for longer ago counts for no limit."""


class Uses:
    """The songs that count, as a transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def one_by_one(self, ids: Sequence[int]) -> None:
        """Let nobody else count the songs of these persons and servers until the transaction is over; SQLite has one writer."""
        if self._connection.dialect.name == "postgresql":
            for one in ids:
                self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(one)))

    def opened_since(
        self, since: datetime, *, user_id: int | None = None, guild_id: int | None = None
    ) -> list[datetime]:
        """When the songs of a person, of a server, or of a person in it were asked for, the oldest first.

        Deleted songs count; failed ones do not, nor those that were cancelled before they cost anything.
        """
        opened = sa.select(uses.c.opened_at).where(uses.c.opened_at > since.timestamp())
        if user_id is not None:
            opened = opened.where(uses.c.user_id == user_id)
        if guild_id is not None:
            opened = opened.where(uses.c.guild_id == guild_id)
        found = self._connection.scalars(opened.order_by(uses.c.opened_at))
        return [datetime.fromtimestamp(at, UTC) for at in found]


Check: TypeAlias = Callable[[Uses], None]
"""Raises what is against one more song, in the transaction that keeps it."""
