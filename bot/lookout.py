"""What is looked up of the running program by those who watch it: its pages, and `/metrics`."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Final

from bot.background import beside
from bot.chat.discord.client import Pianola
from bot.clock import utc_now
from bot.errors import PianolaError
from bot.jobs.storage.census import Census, take_census
from bot.jobs.storage.databases.transactions import Transactions
from bot.measures import LOOP_LAG_SECONDS, took
from bot.web.metrics import Metrics
from bot.web.snapshot import Snapshot

_CREDITS_LAST_SECONDS: Final = 300.0
"""How old their number may be: a scrape comes every 15 s, and kie.ai counts requests."""

_PATIENCE_SECONDS: Final = 5.0
"""Prometheus gives up after 10."""

_BEAT_SECONDS: Final = 0.25
"""Between two looks at how late the event loop is: one that stands still for a second is met for sure, and four a second cost nothing."""

CreditsLeft = Callable[[], Awaitable[float]]


class Lookout:
    """Knows nothing before `begin`: the port is open before there is anything behind it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._bot: Pianola | None = None
        self._transactions: Transactions | None = None
        self._ask_credits: CreditsLeft | None = None
        self._credits: tuple[float, float | None] | None = None

    def begin(self, bot: Pianola, transactions: Transactions, credits_left: CreditsLeft | None) -> None:
        """From here on there is something to see; `credits_left` asks kie.ai, where it does the work."""
        self._bot, self._transactions, self._ask_credits = bot, transactions, credits_left

    @property
    def invite(self) -> str | None:
        """The link with which the bot is invited, once Discord has told its id."""
        return self._bot.invite if self._bot else None

    async def look(self) -> Snapshot:
        """What `/metrics` tells beside what was counted."""
        census, left = await asyncio.gather(self._census(), self.credits_left())
        if self._bot is None:
            return Snapshot(census, left)
        return Snapshot(census, left, len(self._bot.guilds), self._bot.latency_by_shard)

    async def _census(self) -> Census | None:
        if self._transactions is None:
            return None
        with suppress(TimeoutError):  # that it is away is told, as a number of its own
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await take_census(self._transactions, utc_now)
        return None

    async def credits_left(self) -> float | None:
        """At kie.ai, as it was minutes ago at most; None where nothing costs credits, or it does not say."""
        if self._ask_credits is None:
            return None
        now = self._monotonic()
        if self._credits is None or now - self._credits[0] >= _CREDITS_LAST_SECONDS:
            left = None
            with suppress(PianolaError, TimeoutError):  # the calls are counted with their outcome
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    left = await self._ask_credits()
            self._credits = now, left
        return self._credits[1]


def metrics_of(token: str | None, lookout: Lookout) -> Metrics | None:
    """`/metrics`, where the settings have a token for it."""
    return Metrics(token, lookout.look) if token else None


@asynccontextmanager
async def loop_watched(*, is_wanted: bool) -> AsyncIterator[None]:
    """Time how late the event loop comes back, while the block lasts."""
    async with beside(_beat(), name="loop lag") if is_wanted else nullcontext():
        yield


async def _beat() -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(_BEAT_SECONDS)
        took(LOOP_LAG_SECONDS, max(0.0, time.monotonic() - began - _BEAT_SECONDS))
