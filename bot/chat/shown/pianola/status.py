"""How Pianola is: whether the studio answers, how much it has to do; and for its owner what is missing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import discord
import msgspec

from bot.chat.shown.cards import GREEN, RED, title_of
from bot.errors import IntakePausedError
from bot.findings import Finding, Grade
from bot.jobs.model import Job
from bot.jobs.storage.day import Day
from bot.jobs.storage.estimates import Estimate, Estimates
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.store import Store
from bot.language import Language, text

_LASTS_SECONDS = 30.0
"""How old a look at the studio may be: everybody may ask, and kie.ai counts requests."""

_PATIENCE_SECONDS = 10.0

SIGNS = {Grade.FINE: "✅", Grade.WEAK: "⚠️", Grade.BROKEN: "❌"}


class Status(msgspec.Struct, frozen=True):
    """What is known: of the studio, of a song that would be sent now, and of the asker's own under way.

    `paused` is why no song is taken, and `news` what the owner has to tell.
    """

    studio: Finding
    estimate: Estimate
    own: tuple[Job, Estimate] | None = None
    paused: str | None = None
    news: str | None = None
    for_owner: tuple[Finding, ...] = ()


class Watch:
    """Looks at the studio, seldom, and at what else there is to know."""

    def __init__(
        self,
        store: Store,
        estimates: Estimates,
        studio_name: str,
        *,
        notices: Notices,
        day: Callable[[], Awaitable[Day]],
        studio: Callable[[], Awaitable[Finding]],
        surroundings: Callable[[], AsyncIterator[Finding]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`studio` asks the studio that jobs call `studio_name`; `surroundings` looks around the bot, `day` counts the songs."""
        self._store = store
        self.estimates = estimates
        self._studio_name = studio_name
        self._notices = notices
        self.day = day
        self._ask_studio = studio
        self._surroundings = surroundings
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._seen: tuple[float, Finding] | None = None

    async def status(self, user_id: int, *, is_owner: bool) -> Status:
        """The status for one person."""
        studio = await self.studio()
        news = await self._notices.news()
        if news:
            await self._notices.is_first_told(user_id, news)
        job = await self._store.newest_of(user_id)
        return Status(
            studio,
            await self.estimates.of_next(self._studio_name),
            own=(job, await self.estimates.of(job)) if job and not job.state.is_final else None,
            paused=await self._notices.paused(),
            news=news.text if news else None,
            for_owner=(studio, *[found async for found in self._surroundings()]) if is_owner else (),
        )

    async def studio(self) -> Finding:
        """How the studio is, as it was half a minute ago at most."""
        async with self._looking:
            now = self._monotonic()
            if self._seen is None or now - self._seen[0] >= _LASTS_SECONDS:
                self._seen = now, await self._asked()
            return self._seen[1]

    async def _asked(self) -> Finding:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._ask_studio()
        except TimeoutError:
            return Finding(Grade.BROKEN, text("the studio does not answer"))


def embed(status: Status, say: Language, invite: str | None = None) -> discord.Embed:
    """The status as people read it. What only the owner should know comes last, with the link to `invite` the bot."""
    answers = status.studio.grade is not Grade.BROKEN
    lines = [
        f"✅ {say('The studio answers.')}"
        if answers
        else f"❌ {say('The studio is down right now, so songs wait or fail.')}",
        _at_work(status.estimate.before, say),
    ]
    if status.estimate.usual is not None:
        lines.append(say("A song usually takes {time}.", time=say.duration(status.estimate.usual)))
    if status.paused is not None:
        lines.append(f"⏸️ {say.error(IntakePausedError(sentence=status.paused))}")
    lines += ["", *_own(status, say)]
    if status.news is not None:
        lines += ["", f"📣 {status.news}"]
    card = discord.Embed(title=say("Status"), description="\n".join(lines), colour=GREEN if answers else RED)
    if status.for_owner:
        found = [f"{SIGNS[finding.grade]} {finding.said(say)}" for finding in status.for_owner]
        link = [f"[{say('Invite me to a server')}]({invite})"] if invite else []
        told = "\n".join([*link, *found])
        card.add_field(name=say("For you, my owner"), value=told[:1024], inline=False)
    return card


def _at_work(count: int, say: Language) -> str:
    if not count:
        return say("The studio is free.")
    return say.plural(
        "The studio is working on {count} song.", "The studio is working on {count} songs.", count
    )


def _own(status: Status, say: Language) -> list[str]:
    if status.own is None:
        return [say("None of your songs is in progress.")]
    job, estimate = status.own
    lines = [say("Your song in progress: {title}", title=f"**{title_of(job, say)}**")]
    if estimate.before:
        lines.append(
            say.plural(
                "{count} song is ahead of it.",
                "{count} songs are ahead of it.",
                estimate.before,
            )
        )
    return lines
