"""The way to the database: each transaction is one function of a connection, and whole or not at all.

SQLite (`bot.jobs.sqlite`) runs it in a thread, Postgres (`bot.jobs.postgres`) on the event loop.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.jobs import commits
from bot.jobs.turns import Turns

Result = TypeVar("Result")

Work = Callable[[sa.Connection], Result]
"""What is done in a transaction. What it raises takes all of it back."""


class Transactions(ABC):
    """Runs transactions, at most `writers` that write at a time."""

    def __init__(self, writers: int) -> None:
        self._turns = Turns(writers)

    async def read(self, work: Work[Result]) -> Result:
        """Do what only reads."""
        return await self._run(work, reads_only=True)

    async def scalar(self, query: sa.Executable) -> Any:
        """The first column of the first row; None where there is no row."""
        return await self.read(lambda connection: connection.scalar(query))

    async def scalars(self, query: sa.Executable) -> Sequence[Any]:
        """The first column of each row."""
        return await self.read(lambda connection: connection.scalars(query).all())

    async def write(self, point: str, work: Work[Result], *, first: bool = False) -> Result:
        """Do what writes; `point` names its commit. `first`: somebody waits for it."""

        def whole(connection: sa.Connection) -> Result:
            result = work(connection)
            commits.before(point)
            return result

        async with self._turns.turn(first=first):
            result = await self._run(whole, reads_only=False)
            commits.after(point)
        return result

    @abstractmethod
    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """SQLAlchemy has an insert with ON CONFLICT for each database, alike but for the class."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close all connections."""

    @abstractmethod
    async def _run(self, work: Work[Result], *, reads_only: bool) -> Result:
        """Do `work` in a transaction of its own."""
