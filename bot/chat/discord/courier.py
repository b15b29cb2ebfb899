"""The answer of a job in Discord: one message, edited through the stages, and the ways around when it is gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import structlog
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.chat.shown import cards, questions
from bot.chat.shown.cards import Card
from bot.chat.shown.library import Library
from bot.chat.shown.rescues import rescues
from bot.chat.shown.views import view_of
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job, Reply
from bot.jobs.storage.estimates import Estimates
from bot.jobs.work.outside import AnswerDeletedError
from bot.jobs.work.studios import Studios
from bot.language import language_of
from bot.music.song import Song

log = structlog.get_logger(__name__)

_SPACING_SECONDS = 3.0
"""Between two edits of one message: Discord's buckets allow little more."""

_PATIENCE_SECONDS = 10.0
"""For an edit that only shows progress; a result is waited for as long as discord.py does."""

_DELETED = 10008
_TOKEN_DEAD = {10015, 10062, 50027}
"""Unknown webhook, unknown interaction, invalid token: the service says one or another, for the same thing."""

_TOO_LARGE = 40005

_NO_PINGS = discord.AllowedMentions.none()


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
        self._client = client
        self._session = session
        self._library = library
        self._prospects = estimates
        self._studios = studios
        self._clock = clock
        self._monotonic = monotonic
        self._shown_at: dict[str, float] = {}
        # Answers that were edited in and can be again, from a job's delivery to its completion, which follows at once.
        self._posted: dict[str, Card] = {}

    async def show(self, job: Job) -> None:
        """Show how far a job is, unless it was shown a moment ago. What goes wrong here costs nobody their result.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        now = self._monotonic()
        if now - self._shown_at.get(job.id, -_SPACING_SECONDS) < _SPACING_SECONDS or not self._is_alive(
            job.reply
        ):
            return
        self._shown_at[job.id] = now
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                estimate = await self._prospects.of(job)
                await self._edit_original(job, cards.progress(job, self._clock(), estimate))
        except discord.HTTPException as error:
            if error.code == _DELETED:
                raise AnswerDeletedError from error
            log.info("progress.not_shown", job=job.id, error=str(error))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("progress.not_shown", job=job.id, error=repr(error))

    async def ask(self, job: Job) -> None:
        """Show what a held job asks, in the place of its progress.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        if job.hold is None or not self._is_alive(job.reply):
            return
        try:
            await self._edit_original(job, questions.question(job, job.hold))
        except discord.HTTPException as error:
            if error.code == _DELETED:
                raise AnswerDeletedError from error
            if error.code not in _TOKEN_DEAD and error.status not in {401, 404}:
                raise
            log.info("question.not_asked", job=job.id, code=error.code)

    async def deliver(self, job: Job, song: Song) -> int | None:
        """Post the result; the id of the message, or None where nothing could be posted and the notes are kept.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """
        self._shown_at.pop(job.id, None)
        card = await self._library.card(job, song)
        if self._is_alive(job.reply):
            self._posted[job.id] = card
        else:
            # A message of the bot's own is posted once and whole.
            card = await self._library.with_preview(card, job, song)
        return await self._answer(job, card)

    async def complete(self, job: Job, song: Song) -> None:
        """Add to a posted answer what takes seconds to make. What goes wrong here costs nobody their result."""
        card = self._posted.pop(job.id, None)
        if card is None:
            return
        whole = await self._library.with_preview(card, job, song)
        if whole is card:
            return
        try:
            await self._lightened(job, whole, self._edit_original)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("answer.not_completed", job=job.id, error=repr(error))

    async def refuse(self, job: Job, error: PianolaError) -> None:
        """Post why there is no result."""
        self._shown_at.pop(job.id, None)
        try:
            told, controls = rescues(job, error, self._studios, language_of(job.reply.locale))
            await self._answer(job, cards.failure(job, error, told, controls))
        except AnswerDeletedError:
            log.info("failure.not_told", job=job.id)

    async def retract(self, job: Job) -> None:
        """Say of a cancelled job that it is, where an edit of its progress may have come later than the button's."""
        self._shown_at.pop(job.id, None)
        if self._is_alive(job.reply):
            try:
                await self._edit_original(job, cards.cancelled(job))
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.info("cancel.not_shown", job=job.id, error=repr(error))

    def _is_alive(self, reply: Reply) -> bool:
        return bool(reply.token) and self._clock() < reply.token_expires_at

    async def _answer(self, job: Job, card: Card) -> int | None:
        if self._is_alive(job.reply):
            try:
                return await self._lightened(job, card, self._edit_original)
            except discord.HTTPException as error:
                if error.code == _DELETED:
                    raise AnswerDeletedError from error
                if error.code not in _TOKEN_DEAD and error.status not in {401, 404}:
                    raise
                log.info("answer.token_dead", job=job.id, code=error.code)
                self._posted.pop(job.id, None)
        return await self._post(job, card)

    async def _lightened(self, job: Job, card: Card, send: Callable[[Job, Card], Awaitable[int]]) -> int:
        """Send a card, leaving out its last file for as long as Discord finds it too large."""
        while True:
            try:
                return await send(job, card)
            except discord.HTTPException as error:
                if not card.files or (error.status != 413 and error.code != _TOO_LARGE):
                    raise
                log.info("answer.too_large", job=job.id, left_out=card.files[-1].name)
                card = card.without_last_file()

    async def _edit_original(self, job: Job, card: Card) -> int:
        """What `Interaction.edit_original_response` does, from the stored token alone.

        `Webhook.edit_message` could do it too, but writes `%40original` into the address.
        """
        fitting = card.within(job.reply.file_limit)
        with handle_message_parameters(
            content=fitting.content,
            embeds=fitting.embeds,
            attachments=[file.to_discord() for file in fitting.files],
            view=view_of(fitting),
            allowed_mentions=_NO_PINGS,
        ) as message:
            edited = await async_context.get().edit_original_interaction_response(
                job.reply.application_id,
                job.reply.token,
                session=self._session,
                payload=message.payload,
                multipart=message.multipart,
                files=message.files,
            )
        return int(edited["id"])

    async def _post(self, job: Job, card: Card) -> int | None:
        """Without a token: the channel, then a direct message. The nonce makes a repeated post one message."""
        for way in (self._to_channel, self._to_person):
            try:
                return await self._lightened(job, card, way)
            except _NoWayError:
                continue
            except (discord.Forbidden, discord.NotFound) as error:
                # No access, no permission, no such channel; no messages from us, no server in common.
                log.info("answer.refused", job=job.id, way=way.__name__, code=error.code)
        log.warning("answer.kept", job=job.id)
        return None

    async def _to_channel(self, job: Job, card: Card) -> int:
        if job.reply.is_private or not job.reply.may_post or job.reply.channel_id is None:
            raise _NoWayError
        channel = self._client.get_partial_messageable(job.reply.channel_id)
        return await self._send(channel, job, card, mention=f"<@{job.reply.user_id}>")

    async def _to_person(self, job: Job, card: Card) -> int:
        user = await self._client.fetch_user(job.reply.user_id)
        return await self._send(await user.create_dm(), job, card, mention="")

    async def _send(self, channel: discord.abc.Messageable, job: Job, card: Card, *, mention: str) -> int:
        fitting = card.within(job.reply.file_limit)
        asker = discord.Object(job.reply.user_id)
        message = await channel.send(
            content=f"{mention} {fitting.content or ''}".strip() or None,
            embeds=list(fitting.embeds),
            files=[file.to_discord() for file in fitting.files],
            view=view_of(fitting) or discord.utils.MISSING,
            allowed_mentions=discord.AllowedMentions(users=[asker], everyone=False, roles=False),
            nonce=job.id,
        )
        return message.id


class _NoWayError(Exception):
    """This way was closed from the start."""
