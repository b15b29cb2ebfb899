"""The way to the database: each transaction is one function of a connection, and whole or not at all.

SQLite (`bot.jobs.storage.sqlite`) runs it in a thread, Postgres (`bot.jobs.engines.procrastinate`) on the event loop.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.jobs.storage import commits
from bot.jobs.storage.turns import Turns

Result = TypeVar("Result")

Work = Callable[[sa.Connection], Result]
"""What is done in a transaction. What it raises takes all of it back."""


class Transactions(ABC):
    """Runs transactions, so many at a time. Those who come `first`, because somebody waits for them, go before all others."""

    def __init__(self, *, readers: int, writers: int) -> None:
        self._to_read = Turns(readers)
        self._to_write = Turns(writers)

    async def read(self, work: Work[Result], *, first: bool = False) -> Result:
        """Do what only reads. On Postgres each query sees what is committed by then."""
        async with self._to_read.turn(first=first):
            return await self._run(work, reads_only=True)

    async def scalar(self, query: sa.Executable, *, first: bool = False) -> Any:
        """The first column of the first row; None where there is no row."""
        return await self.read(lambda connection: connection.scalar(query), first=first)

    async def scalars(self, query: sa.Executable, *, first: bool = False) -> Sequence[Any]:
        """The first column of each row."""
        return await self.read(lambda connection: connection.scalars(query).all(), first=first)

    async def write(self, point: str, work: Work[Result], *, first: bool = False) -> Result:
        """Do what writes; `point` names its commit."""

        def whole(connection: sa.Connection) -> Result:
            result = work(connection)
            commits.before(point)
            return result

        async with self._to_write.turn(first=first):
            result = await self._run(whole, reads_only=False)
            commits.after(point)
        return result

    @abstractmethod
    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """SQLAlchemy has an insert with ON CONFLICT for each database, alike but for the class."""

    @abstractmethod
    async def scrub(self) -> None:
        """See to it that nothing of what was deleted is left in files of ours."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close all connections."""

    @abstractmethod
    async def _run(self, work: Work[Result], *, reads_only: bool) -> Result:
        """Do `work` in a transaction of its own."""
