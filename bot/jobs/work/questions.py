"""What a job asks its asker before it goes on, and how it waits for the answer."""

from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.errors import NobodyAnsweredError, StudioError
from bot.jobs.model import Hold, Job, Question
from bot.jobs.storage.store import Store
from bot.jobs.work.deadline import PAST_THE_END
from bot.jobs.work.outside import Courier
from bot.jobs.work.showing import Showing
from bot.jobs.work.studios import Studios

log = structlog.get_logger(__name__)

_TO_TELL = timedelta(seconds=30)
"""Left of an interaction's life when its question is given up, so that this can be told where it was asked."""


class Questions:
    """Between the steps of jobs and whoever answers."""

    def __init__(
        self, store: Store, studios: Studios, courier: Courier, showing: Showing, clock: Clock
    ) -> None:
        self._store = store
        self._studios = studios
        self._courier = courier
        self._showing = showing
        self._clock = clock

    def is_to_be_agreed(self, job: Job) -> bool:
        """Whether something that costs is about to be sent, and nobody said yet that it may."""
        costs = bool(self._studios.price_for(job)) and any(part.separation is None for part in job.parts)
        return self._studios.confirms_price and costs and Question.PRICE not in job.answers

    async def hold(self, job: Job, question: Question) -> None:
        """Let the job wait for an answer; the next look asks for it."""
        price, left = 0.0, None
        if question is Question.PRICE:
            price = (self._studios.price_for(job) or 0.0) * sum(part.separation is None for part in job.parts)
            left = await self._credits_left(job)
        until = job.reply.token_expires_at - _TO_TELL
        hold = Hold(question, since=self._clock(), until=until, price=price, credits_left=left)
        await self._store.save(job.held(hold))
        log.info("job.held", job=job.id, question=question)

    async def _credits_left(self, job: Job) -> float | None:
        try:
            return await (await self._studios.of(job)).credits()
        except StudioError as error:
            # The price is what is asked about; the account is only good to know.
            log.info("credits.unknown", job=job.id, error=error.code)
            return None

    async def wait(self, job: Job, hold: Hold) -> None:
        """Ask, and come back when it is too late. A second time of asking shows the same again.

        Raises:
            NobodyAnsweredError: it is too late.
        """
        began = self._clock()
        if began >= hold.until:
            raise NobodyAnsweredError
        try:
            await self._courier.ask(job)
        finally:
            await self._showing.retract_if_cancelled(job)
        await self._store.save(job, wake_in=hold.until - began + PAST_THE_END, unless_woken_since=began)
