"""The answer of a job in Discord: one message, edited through the stages, and the ways around when it is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import discord
import structlog
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.chat import cards
from bot.chat.cards import Card
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.music.song import Song

log = structlog.get_logger(__name__)

_SPACING_SECONDS = 3.0
"""Between two edits of one message: Discord's buckets allow little more."""

_REFRESH_SECONDS = 10.0
"""How often the time on the card is renewed while nothing else happens."""

_GONE = {10008, 10015, 10062, 50027}
"""Unknown message, webhook or interaction, invalid token: `@original` cannot be edited any more."""

_NO_PINGS = discord.AllowedMentions.none()


@dataclass(slots=True)
class _Line:
    """The progress of one job as it is shown."""

    job: Job
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class DiscordCourier:
    """Answers through the interaction's token while it lives, then as the bot itself."""

    def __init__(
        self,
        client: discord.Client,
        session: aiohttp.ClientSession,
        worker: Executor,
        clock: Clock = utc_now,
    ) -> None:
        """`worker` draws the cards: encoding a long song would hold up the event loop."""
        self._client = client
        self._session = session
        self._worker = worker
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Show progress until the block is left."""
        try:
            yield
        finally:
            tasks = [line.task for line in self._lines.values() if line.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def show(self, job: Job) -> None:
        """Put a job's state on its card soon; the newest state wins."""
        line = self._lines.get(job.id)
        if line is None:
            line = self._lines[job.id] = _Line(job)
            line.task = asyncio.create_task(self._keep_showing(line), name=f"progress of {job.id}")
        line.job = job
        line.changed.set()

    async def deliver(self, job: Job, song: Song) -> int | None:
        """Post the result; the id of the message, or None where nothing could be posted and the notes are kept."""
        await self._close_line(job)
        loop = asyncio.get_running_loop()
        card = await loop.run_in_executor(self._worker, cards.result, job, song, self._clock())
        return await self._answer(job, card)

    async def refuse(self, job: Job, error: PianolaError) -> None:
        """Post why there is no result."""
        await self._close_line(job)
        await self._answer(job, cards.failure(job, error))

    async def _keep_showing(self, line: _Line) -> None:
        while not line.closed.is_set() and self._clock() < line.job.reply.token_expires_at:
            line.changed.clear()
            try:
                await self._edit_original(line.job, cards.progress(line.job, self._clock()))
            except discord.HTTPException as error:
                log.info("progress.not_shown", job=line.job.id, error=str(error))
                if error.code in _GONE:
                    return
            except (aiohttp.ClientError, OSError) as error:
                log.info("progress.not_shown", job=line.job.id, error=repr(error))
            except Exception:
                log.exception("progress.failed", job=line.job.id)
                return
            if not await _happens(line.closed, _SPACING_SECONDS):
                await _happens(line.changed, _REFRESH_SECONDS - _SPACING_SECONDS)

    async def _close_line(self, job: Job) -> None:
        """Wait for an edit under way: one that lands after the result would bury it."""
        line = self._lines.pop(job.id, None)
        if line and line.task:
            line.closed.set()
            line.changed.set()
            await asyncio.gather(line.task, return_exceptions=True)

    async def _answer(self, job: Job, card: Card) -> int | None:
        if self._clock() < job.reply.token_expires_at:
            try:
                return await self._edit_original(job, card)
            except discord.HTTPException as error:
                if error.code not in _GONE and error.status not in {401, 404}:
                    raise
                log.info("answer.token_dead", job=job.id, code=error.code)
        return await self._post(job, card)

    async def _edit_original(self, job: Job, card: Card) -> int:
        """What `Interaction.edit_original_response` does, from the stored token alone.

        `Webhook.edit_message` could do it too, but writes `%40original` into the address.
        """
        with handle_message_parameters(
            content=card.content,
            embeds=card.embeds,
            attachments=_files(card, job.reply.file_limit),
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
        reply = job.reply
        if reply.may_post and reply.channel_id:
            channel = self._client.get_partial_messageable(reply.channel_id)
            with _refusals(job, "channel"):
                return await self._send(channel, job, card, mention=True)
        with _refusals(job, "direct message"):
            user = await self._client.fetch_user(reply.user_id)
            return await self._send(await user.create_dm(), job, card, mention=False)
        log.warning("answer.kept", job=job.id)
        return None

    async def _send(self, channel: discord.abc.Messageable, job: Job, card: Card, *, mention: bool) -> int:
        asker = discord.Object(job.reply.user_id)
        message = await channel.send(
            content=f"<@{asker.id}>" if mention else None,
            embeds=list(card.embeds),
            files=_files(card, job.reply.file_limit),
            allowed_mentions=discord.AllowedMentions(users=[asker], everyone=False, roles=False),
            nonce=job.id,
        )
        return message.id


async def _happens(event: asyncio.Event, within_seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_seconds):
            return await event.wait()
    return False


def _files(card: Card, limit: int) -> list[discord.File]:
    return [file.to_discord() for file in card.files if len(file.data) <= limit]


@contextlib.contextmanager
def _refusals(job: Job, way: str) -> Iterator[None]:
    try:
        yield
    except (discord.Forbidden, discord.NotFound) as error:
        log.info("answer.refused", job=job.id, way=way, code=error.code)
