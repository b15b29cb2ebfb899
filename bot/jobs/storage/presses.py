"""What people pressed and wait for, kept while it is worked on: a process that dies in between leaves it here for the next one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import facts

SEEN_EVERY = timedelta(seconds=15)

_LEFT_AFTER = timedelta(seconds=45)
"""A database that was away for a moment, or a loop that was held up, is no death."""

_NAME = "press "


class Press(msgspec.Struct, frozen=True):
    """Something that somebody pressed, and the way to its answer.

    `is_beside`: its answer is a song's own message, or another one that stands already, which stays. `revision` is that of
    the song that it is about to change; None: it changes none. `seen_at` is when its process last said that it works on it.
    """

    interaction_id: int
    application_id: int
    token: str
    expires_at: datetime
    locale: str
    file_limit: int
    is_beside: bool
    seen_at: datetime
    job_id: str | None = None
    revision: int | None = None


class Presses:
    """Kept as small facts, for the 15 minutes at most that an interaction can be answered."""

    def __init__(self, store: Store, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._away_at: datetime | None = None

    async def keep(self, press: Press) -> None:
        """Keep one that is worked on from now."""
        await self._store.keep_fact(_name(press), _written(press))

    async def see(self, presses: Sequence[Press]) -> None:
        """They are still worked on, as many as there are in one write; one that was dropped meanwhile stays dropped."""
        if not presses:
            return
        now = self._clock()
        rows = [{"which": _name(one), "seen": _written(replace(one, seen_at=now))} for one in presses]
        told = sa.update(facts).where(facts.c.name == sa.bindparam("which"))
        told = told.values(value=sa.bindparam("seen"))
        await self._transactions.write("presses seen", lambda connection: connection.execute(told, rows))

    async def drop(self, press: Press) -> None:
        """It has its answer."""
        await self._store.drop_fact(_name(press))

    async def left(self) -> list[Press]:
        """Those that nobody works on any more; none while the database was away just now, and nobody could say so."""
        try:
            kept = (await self._store.facts_named(_NAME)).values()
        except Exception:
            self._away_at = self._clock()
            raise
        if self._away_at and self._away_at >= self._clock() - _LEFT_AFTER:
            return []
        return [press for press in map(_read, kept) if press and self._is_left(press)]

    async def take(self, press: Press) -> bool:
        """Work from now on one that was left. False: somebody else does, or it has its answer."""
        kept = sa.select(facts.c.value).where(facts.c.name == _name(press)).with_for_update()
        taken = sa.update(facts).where(facts.c.name == _name(press))
        taken = taken.values(value=_written(replace(press, seen_at=self._clock())))

        def take(connection: sa.Connection) -> bool:
            found = connection.scalar(kept)
            now = None if found is None else _read(found)
            if now is None or not self._is_left(now):
                return False
            connection.execute(taken)
            return True

        return await self._transactions.write("press taken", take)

    def _is_left(self, press: Press) -> bool:
        return press.seen_at < self._clock() - _LEFT_AFTER


def _name(press: Press) -> str:
    return f"{_NAME}{press.interaction_id}"


def _read(kept: str) -> Press | None:
    """None: another version of the program wrote it, and takes it up."""
    try:
        return msgspec.json.decode(kept, type=Press)
    except msgspec.DecodeError:
        return None


def _written(press: Press) -> str:
    return msgspec.json.encode(press).decode()
