"""Which kinds of separation gave notes here. Sources disagree, so it is learned from what happens."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SettingsError
from bot.jobs.storage.databases.database import postgres_url
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import outcomes
from bot.kie.separation import Separation

_ENOUGH = 2
"""Songs without notes; one may have been silence."""


_PATIENCE_SECONDS = 5

_SEEN = sa.select(outcomes.c.type, outcomes.c.with_notes, outcomes.c.without_notes)


class Seen(NamedTuple):
    """How many songs of one kind of separation had notes, and how many had none."""

    with_notes: int = 0
    without_notes: int = 0

    @property
    def gives_none(self) -> bool:
        """Whether it looks as if this kind gave no notes at all."""
        return not self.with_notes and self.without_notes >= _ENOUGH


AllSeen: TypeAlias = Mapping[Separation, Seen]

Also: TypeAlias = Callable[[sa.Connection], None]
"""What is written in the same transaction."""


class Outcomes:
    """Counts in an open database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def seen(self) -> AllSeen:
        """What was seen so far."""
        return await self._transactions.read(read_seen, first=True)

    def counting(self, kind: Separation, *, gave_notes: bool) -> Also:
        """Counts a song, in the transaction that moves it on."""
        counted = "with_notes" if gave_notes else "without_notes"
        fresh = {"type": kind.value, "with_notes": 0, "without_notes": 0, counted: 1}
        one_more = {counted: outcomes.c[counted] + 1}
        added = self._transactions.insert(outcomes).values(fresh)

        def count(connection: sa.Connection) -> None:
            connection.execute(added.on_conflict_do_update(index_elements=["type"], set_=one_more))

        return count


def read_seen(connection: sa.Connection) -> AllSeen:
    """What was seen so far."""
    rows = connection.execute(_SEEN).all()
    return {Separation(kind): Seen(with_notes, without) for kind, with_notes, without in rows}


def seen_in(database_url: str | None, data_dir: Path) -> AllSeen | None:
    """What the database of a bot holds of it, read without changing anything; None where there is none. Blocks."""
    url: sa.URL | str = (
        f"sqlite:///file:{quote(str(data_dir.absolute() / 'pianola.sqlite3'))}?mode=ro&uri=true"
    )
    patience = {"timeout": _PATIENCE_SECONDS}
    try:
        if database_url is not None:
            url, patience = postgres_url(database_url), {"connect_timeout": _PATIENCE_SECONDS}
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=patience)
        with engine.connect() as connection:
            return read_seen(connection)
    except (SQLAlchemyError, SettingsError):
        # There is none, or one of another version; whether it can be reached is said elsewhere.
        return None


def first_kind(seen: AllSeen) -> Separation:
    """What a song is taken apart into first: two stems cost a fifth, all stems where those give nothing and all may."""
    two, every = (seen.get(kind, Seen()) for kind in (Separation.TWO_STEMS, Separation.ALL_STEMS))
    return Separation.ALL_STEMS if two.gives_none and not every.gives_none else Separation.TWO_STEMS
