"""Which songs count for the limits of a day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from bot.jobs.storage.tables import uses

LONGEST_LIMIT = timedelta(hours=24)
"""What was asked for longer ago counts for no limit."""

Check: TypeAlias = Callable[[sa.Connection], None]
"""Looks at what is kept, in the transaction that adds to it."""


def opened_since(
    connection: sa.Connection, since: datetime, *, user_id: int | None = None, guild_id: int | None = None
) -> list[datetime]:
    """When the songs of a person, of a server, or of a person in it were asked for, the oldest first.

    Deleted songs count; failed ones do not, nor those that were cancelled before they cost anything.
    """
    opened = sa.select(uses.c.opened_at).where(uses.c.opened_at > since.timestamp())
    if user_id is not None:
        opened = opened.where(uses.c.user_id == user_id)
    if guild_id is not None:
        opened = opened.where(uses.c.guild_id == guild_id)
    found = connection.scalars(opened.order_by(uses.c.opened_at))
    return [datetime.fromtimestamp(at, UTC) for at in found]
