"""What can be promised of a job under way: how long such jobs usually take, and how many came before it."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.model import Job, State, pace_of
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import IS_OPEN, jobs
from bot.jobs.storage.usual import Usual, usual_of

log = structlog.get_logger(__name__)

_FEWEST = 3
"""Fewer finished jobs say nothing of the next."""

_RECENT = 50
"""Finished jobs that count: a studio that has become faster is seen after a day or two."""

_USUAL_LASTS_SECONDS = 60.0
_LINE_LASTS_SECONDS = 3.0
"""How old an answer may be: one look serves the edits of all jobs meanwhile."""

_AT_STUDIO = (State.SEPARATING.value, State.TRANSCRIBING.value)

_IS_DONE = jobs.c.state == sa.literal(State.DONE.value, literal_execute=True)
"""Written into the query itself: a partial index is used for what is surely within it."""

_decode = msgspec.json.Decoder(Job).decode


class Estimate(msgspec.Struct, frozen=True):
    """`usual`: what recent finished jobs of the same kind took, for a song of this length; None where there were too few.

    `before`: jobs that were asked for earlier and are still at the same studio.
    """

    usual: timedelta | None = None
    before: int = 0


class Estimates:
    """Looks at the jobs of all processes, every few seconds at the most."""

    def __init__(self, transactions: Transactions, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._transactions = transactions
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._usual: dict[str, tuple[float, Usual | None]] = {}
        self._line: dict[str, tuple[float, list[float]]] = {}

    async def of(self, job: Job) -> Estimate:
        """What can be said of a job; what a database that is away cannot tell is not said."""
        usual, line = await self._look(job.pace, job.studio, job.sound_seconds)
        return Estimate(usual, bisect_left(line, job.created_at.timestamp()))

    async def of_next(self, studio: str) -> Estimate:
        """What can be said of a song that would be sent to a studio now."""
        usual, line = await self._look(pace_of(studio, State.UPLOADING), studio, None)
        return Estimate(usual, len(line))

    async def _look(
        self, pace: str, studio: str, sound_seconds: float | None
    ) -> tuple[timedelta | None, list[float]]:
        try:
            async with self._looking:
                usual, line = await self._usual_of(pace), await self._line_at(studio)
        except SQLAlchemyError as error:
            log.warning("estimates.unknown", error=repr(error)[:200])
            return None, []
        return timedelta(seconds=usual.of(sound_seconds)) if usual else None, line

    async def _usual_of(self, pace: str) -> Usual | None:
        now = self._monotonic()
        looked_at, usual = self._usual.get(pace, (-_USUAL_LASTS_SECONDS, None))
        if now - looked_at >= _USUAL_LASTS_SECONDS:
            usual = await self._measured(pace)
            self._usual[pace] = now, usual
        return usual

    async def _measured(self, pace: str) -> Usual | None:
        recent = (
            sa.select(jobs.c.document)
            .where(jobs.c.pace == pace, _IS_DONE)
            .order_by(jobs.c.updated_at.desc())
            .limit(_RECENT)
        )
        ended = [_decode(document) for document in await self._transactions.scalars(recent)]
        seen = [(job.sound_seconds, job.took.total_seconds()) for job in ended if job.took is not None]
        return usual_of(seen) if len(seen) >= _FEWEST else None

    async def _line_at(self, studio: str) -> list[float]:
        """When the jobs that are at a studio were asked for, in order."""
        now = self._monotonic()
        looked_at, line = self._line.get(studio, (-_LINE_LASTS_SECONDS, []))
        if now - looked_at >= _LINE_LASTS_SECONDS:
            waiting = sa.select(jobs.c.created_at).where(
                IS_OPEN, jobs.c.state.in_(_AT_STUDIO), jobs.c.pace.startswith(f"{studio} ", autoescape=True)
            )
            line = sorted(await self._transactions.scalars(waiting))
            self._line[studio] = now, line
        return line
