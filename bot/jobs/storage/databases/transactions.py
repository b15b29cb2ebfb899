"""The way to the database: each transaction is one function of a connection, and whole or not at all.

SQLite (`bot.jobs.storage.databases.sqlite`) runs it in a thread, Postgres (`bot.jobs.storage.databases.postgres`) on the event loop.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.storage.databases import commits
from bot.jobs.storage.databases.troubles import HELD, Trouble, trouble_of
from bot.jobs.storage.tables import facts

_PATIENCE_SECONDS, _AGAIN_SECONDS = 60.0, 0.1
"""How long work waits for another program that holds the database, and between two tries, so that others are let in."""

if TYPE_CHECKING:
    # A process loads that of its own database.
    from sqlalchemy.dialects import postgresql, sqlite

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

Work = Callable[[sa.Connection], Result]
"""What is done in a transaction. What it raises takes all of it back."""


Values: TypeAlias = Mapping[str, Any] | None
"""Of a statement that is made once: making one takes longer than asking it, 0.2 to 0.8 ms."""

Tell = Callable[[Trouble | None], None]


def _tell_nobody(_trouble: Trouble | None) -> None:
    pass


class Transactions(ABC):
    """Runs transactions. Those who come `first`, because somebody waits for them, go before all others."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        """What was wrong with the database when it was last asked for something."""
        self.tell: Tell = _tell_nobody
        """Called when a trouble begins and when it is over."""
        self._is_of_writing = False
        self._was_there = False

    async def read(self, work: Work[Result], *, first: bool = False) -> Result:
        """Do what only reads. On Postgres each query sees what is committed by then."""
        return await self._watched(work, reads_only=True, first=first)

    async def scalar(self, query: sa.Executable, values: Values = None, *, first: bool = False) -> Any:
        """The first column of the first row; None where there is no row. `values` are those of the query's parameters."""
        return await self.read(lambda connection: connection.scalar(query, values), first=first)

    async def scalars(
        self, query: sa.Executable, values: Values = None, *, first: bool = False
    ) -> Sequence[Any]:
        """The first column of each row."""
        return await self.read(lambda connection: connection.scalars(query, values).all(), first=first)

    async def write(self, point: str, work: Work[Result], *, first: bool = False) -> Result:
        """Do what writes; `point` names its commit."""

        def whole(connection: sa.Connection) -> Result:
            result = work(connection)
            commits.before(point)
            return result

        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                result = await self._watched(whole, reads_only=False, first=first)
            except SQLAlchemyError as error:
                # Nothing was begun. Whoever waits is told soon; what merely works may hold the id of what was paid for.
                if first or trouble_of(error) is not HELD or time.monotonic() > until:
                    raise
            else:
                commits.after(point)
                return result
            await asyncio.sleep(_AGAIN_SECONDS)

    async def look(self) -> None:
        """See whether the database is there, and after a failed write whether it can be written again.

        Raises:
            SQLAlchemyError: it is not.
        """
        if self._is_of_writing:
            await self.write("database written again", self._write_something)
        else:
            await self.read(lambda connection: connection.execute(sa.select(sa.literal(1))))

    def _write_something(self, connection: sa.Connection) -> None:
        row = self.insert(facts).values(name="written again", value="")
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": ""}))

    async def _watched(self, work: Work[Result], *, reads_only: bool, first: bool) -> Result:
        try:
            result = await self._run(work, reads_only=reads_only, first=first)
        except SQLAlchemyError as error:
            if trouble := trouble_of(error):
                self._note(trouble)
                self._is_of_writing = self._is_of_writing or not reads_only
            raise
        self._was_there = True
        if self.trouble and not (self._is_of_writing and reads_only):
            self._note(None)
            self._is_of_writing = False
        return result

    def _note(self, trouble: Trouble | None) -> None:
        """One line when it begins, and one when it is over; what keeps the program from starting is told by whoever starts it."""
        if trouble and trouble != self.trouble and self._was_there:
            log.error("database.trouble", problem=trouble.sentence)
        elif self.trouble and not trouble:
            log.info("database.back")
        self.trouble = trouble
        self.tell(trouble)

    @abstractmethod
    def insert(self, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
        """SQLAlchemy has an insert with ON CONFLICT for each database, alike but for the class."""

    @abstractmethod
    async def scrub(self) -> None:
        """See to it that nothing of what was deleted is left in files of ours."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close all connections."""

    @abstractmethod
    async def _run(self, work: Work[Result], *, reads_only: bool, first: bool) -> Result:
        """Do `work` when its turn comes, whole or not at all."""
