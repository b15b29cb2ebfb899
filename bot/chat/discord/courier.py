"""The answer of a job in Discord: one message, edited through the stages, and the ways around when it is gone."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import structlog
from discord.webhook.async_ import async_context

from bot.chat.discord.refusals import DELETED, is_token_dead
from bot.chat.discord.ways import Said, Ways
from bot.chat.shown import cards, questions
from bot.chat.shown.cards import Card
from bot.chat.shown.plain import plain_error, plain_job, plain_song
from bot.chat.shown.rescues import rescues
from bot.chat.shown.result.library import Library
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job, Reply
from bot.jobs.storage.estimates import Estimates
from bot.jobs.work.outside import AnswerDeletedError, Answered, Posted
from bot.jobs.work.studios import Studios
from bot.language import language_of
from bot.music.song import Song

log = structlog.get_logger(__name__)

_SPACING_SECONDS = 3.0
"""Between two edits of one message: Discord's buckets allow little more."""

_PATIENCE_SECONDS = 10.0
"""For an edit that only shows progress; a result is waited for as long as discord.py does."""

_MOST_REMEMBERED = 1000
"""Times of edits: what is older than their spacing is forgotten from here on."""


class DiscordCourier:
    """Answers through the interaction's token while it lives, then as the bot itself.

    Every call is made while its job is locked, so that a slow edit of an older state never buries a newer one.
    """

    def __init__(
        self,
        client: discord.Client,
        session: aiohttp.ClientSession,
        library: Library,
        estimates: Estimates,
        studios: Studios,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._ways = Ways(client, session)
        self._library = library
        self._prospects = estimates
        self._studios = studios
        self._clock = clock
        self._monotonic = monotonic
        self._shown_at: dict[str, float] = {}

    async def whose(self, job: Job) -> Answered:
        """Whose acknowledgement of the job's interaction Discord took: its buttons name the job.

        Raises:
            AnswerDeletedError: somebody deleted it.
        """
        if not self._is_alive(job.reply):
            return Answered.NOBODYS
        try:
            message = await async_context.get().get_original_interaction_response(
                job.reply.application_id, job.reply.token, session=self._session
            )
        except discord.HTTPException as error:
            if error.code == DELETED:
                raise AnswerDeletedError from error
            if not is_token_dead(error):
                raise
            return Answered.NOBODYS
        return Answered.OURS if job.id in json.dumps(message["components"]) else Answered.ANOTHERS

    async def show(self, job: Job) -> None:
        """Show how far a job is, unless it was shown a moment ago. What goes wrong here costs nobody their result.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        if not self._is_alive(job.reply) or not self._is_due(job):
            return

        async def said(plainly: bool) -> Card:
            estimate = await self._prospects.of(job)
            return cards.progress(plain_job(job) if plainly else job, self._clock(), estimate)

        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._ways.sent(job, said, self._ways.edit)
        except discord.HTTPException as error:
            if error.code == DELETED:
                self._shown_at.pop(job.id, None)
                raise AnswerDeletedError from error
            log.info("progress.not_shown", job=job.id, error=repr(error))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("progress.not_shown", job=job.id, error=repr(error))

    async def ask(self, job: Job) -> None:
        """Ask what a held job waits for, in the place of its progress.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        hold = job.hold
        if hold is None or not self._is_alive(job.reply):
            return

        async def said(plainly: bool) -> Card:
            return questions.question(plain_job(job) if plainly else job, hold)

        # Another nonce than the result's, which would else be taken for the question.
        await self._answer(job, said, nonce=f"{job.reply.interaction_id}-{hold.question[:4]}")

    async def deliver(self, job: Job, song: Song) -> Posted:
        """Post the result, once.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        shown = job, song

        async def said(plainly: bool) -> Card:
            nonlocal shown
            shown = (plain_job(job), plain_song(song)) if plainly else (job, song)
            return await self._library.card(*shown)

        async def whole(plainly: bool) -> Card:
            return await self._library.with_preview(await said(plainly), *shown)

        if self._is_alive(job.reply):
            message_id, card, is_edit = await self._answer(job, said)
        else:
            # A message of the bot's own is posted once and whole.
            message_id, card, is_edit = await self._answer(job, whole)
        if not is_edit:
            return Posted(message_id)
        return Posted(message_id, lambda still_stands: self._complete(job, card, shown, still_stands))

    async def _complete(
        self, job: Job, card: Card, shown: tuple[Job, Song], still_stands: Callable[[], Awaitable[bool]]
    ) -> None:
        """Add to a posted answer what takes seconds to make. What goes wrong here costs nobody their result."""
        whole = await self._library.with_preview(card, *shown)
        # By now its asker may have changed or deleted the song.
        if whole is card or not await still_stands():
            return

        async def said(_plainly: bool) -> Card:
            return whole

        try:
            await self._ways.sent(job, said, self._ways.complete)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("answer.not_completed", job=job.id, error=repr(error))

    async def refuse(self, job: Job, error: PianolaError) -> None:
        """Post why there is no result."""

        async def said(plainly: bool) -> Card:
            shown = plain_job(job) if plainly else job
            told, controls = rescues(shown, error, self._studios, language_of(job.reply.locale))
            return cards.failure(shown, plain_error(error) if plainly else error, told, controls)

        try:
            await self._answer(job, said)
        except AnswerDeletedError:
            log.info("failure.not_told", job=job.id)

    async def retract(self, job: Job) -> None:
        """Say of a cancelled job that it is, where an edit of its progress may have come later than the button's."""
        await self._over(job, cards.cancelled)

    async def forgotten(self, job: Job) -> None:
        """Say of a job that it was deleted."""
        await self._over(job, cards.forgotten)

    async def _over(self, job: Job, card: Callable[[Job], Card]) -> None:
        self._shown_at.pop(job.id, None)
        if not self._is_alive(job.reply):
            return

        async def said(plainly: bool) -> Card:
            return card(plain_job(job) if plainly else job)

        try:
            await self._ways.sent(job, said, self._ways.edit)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("end.not_shown", job=job.id, error=repr(error))

    async def _answer(self, job: Job, said: Said, nonce: str | None = None) -> tuple[int | None, Card, bool]:
        self._shown_at.pop(job.id, None)
        # Of two processes that answer one interaction, the second post is the first.
        nonce = nonce or str(job.reply.interaction_id)
        return await self._ways.answer(job, said, is_alive=self._is_alive(job.reply), nonce=nonce)

    def _is_alive(self, reply: Reply) -> bool:
        return bool(reply.token) and self._clock() < reply.token_expires_at

    def _is_due(self, job: Job) -> bool:
        """Whether an edit has its turn; it is then taken."""
        now = self._monotonic()
        if now - self._shown_at.get(job.id, -_SPACING_SECONDS) < _SPACING_SECONDS:
            return False
        if len(self._shown_at) >= _MOST_REMEMBERED:
            self._shown_at = {one: at for one, at in self._shown_at.items() if now - at < _SPACING_SECONDS}
        self._shown_at[job.id] = now
        return True
