"""The ways of a card to a person: into the interaction's own answer, into the channel, into a direct message."""

import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import aiohttp
import discord
import structlog
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context
from msgspec.structs import replace

from bot.chat.discord.refusals import (
    DELETED,
    is_about_words,
    is_final,
    is_too_large,
    needed_permissions,
)
from bot.chat.shown.cards import Card
from bot.chat.shown.custom_ids import JOB, CustomId
from bot.chat.shown.views import view_of
from bot.jobs.model import Job
from bot.jobs.work.outside import AnswerDeletedError

log = structlog.get_logger(__name__)

_NO_PINGS = discord.AllowedMentions.none()

Said: TypeAlias = Callable[[bool], Awaitable[Card]]
"""Makes a card; True: without any word that people chose."""

_Way: TypeAlias = Callable[[Job, Card], Awaitable[int]]


class NoWayError(Exception):
    """This way was closed from the start."""


class Ways:
    """Goes one way after the other: what repeating does not mend is not repeated."""

    def __init__(self, client: discord.Client, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def answer(
        self, job: Job, said: Said, *, is_alive: bool, nonce: str
    ) -> tuple[int | None, Card, bool]:
        """Bring a card to who asked: the id of its message, what is in it, and whether it is the interaction's own answer.

        Without an id no way was open. `is_alive`: the interaction can still be answered. A second post with the same
        `nonce` is the first one.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
            discord.HTTPException: Discord is in trouble, which passes.
        """

        async def to_channel(job: Job, card: Card) -> int:
            return await self._to_channel(job, card, nonce)

        async def to_person(job: Job, card: Card) -> int:
            return await self._to_person(job, card, nonce)

        ways: dict[str, _Way] = {"edit": self.edit} if is_alive else {}
        ways |= {"channel": to_channel, "person": to_person}
        refused: list[str] = []
        lacking: list[str] = []
        for name, way in ways.items():
            try:
                message_id, card = await self.sent(job, _noting(said, job, lacking), way)
            except NoWayError:
                lacking = lacking or needed_permissions(self._client, job.reply, None)
            except discord.HTTPException as error:
                if name == "edit" and error.code == DELETED and await self._is_channel_there(job):
                    raise AnswerDeletedError from error
                if not is_final(error, by_token=name == "edit"):
                    raise
                refused.append(f"{name} {error.code}")
                lacking = lacking or needed_permissions(self._client, job.reply, error)
            else:
                if refused:
                    log.warning("answer.refused", job=job.id, refused=refused, arrived=name)
                return message_id, card, name == "edit"
        log.warning("answer.kept", job=job.id, refused=refused)
        return None, await said(False), False

    async def sent(self, job: Job, said: Said, way: _Way) -> tuple[int, Card]:
        """Send a card, plainer where Discord does not want its words or form."""
        try:
            return await self._lightened(job, await said(False), way)
        except discord.HTTPException as error:
            if not is_about_words(error):
                raise
            log.info("answer.made_plain", job=job.id, code=error.code)
            return await self._lightened(job, await said(True), way)

    async def _lightened(self, job: Job, card: Card, way: _Way) -> tuple[int, Card]:
        """Send a card, leaving out its last file for as long as Discord finds it too large."""
        while True:
            try:
                return await way(job, card), card
            except discord.HTTPException as error:
                if not card.files or not is_too_large(error):
                    raise
                log.info("answer.too_large", job=job.id, left_out=card.files[-1].name)
                card = card.without_last_file()

    async def edit(self, job: Job, card: Card) -> int:
        """What `Interaction.edit_original_response` does, from the stored token alone.

        `Webhook.edit_message` could do it too, but writes `%40original` into the address.
        """
        return await self._edit(job, card, view_of(card.within(job.reply.file_limit)))

    async def complete(self, job: Job, card: Card) -> int:
        """The same, and the controls stay: a question may stand in their place by now."""
        return await self._edit(job, card, discord.utils.MISSING)

    async def _edit(self, job: Job, card: Card, view: discord.ui.View | None) -> int:
        fitting = card.within(job.reply.file_limit)
        return await self.put(job.reply.application_id, job.reply.token, fitting, view)

    async def repaint(self, job: Job, card: Card) -> int:
        """The same, where its asker may have been asked meanwhile whether to delete it."""
        message = await async_context.get().get_original_interaction_response(
            job.reply.application_id, job.reply.token, session=self._session
        )
        question = str(CustomId(JOB, "erase", job_id=job.id))
        is_asked = question in json.dumps(message["components"])
        fitting = card.within(job.reply.file_limit)
        return await self._edit(job, card, view_of(fitting, job.id if is_asked else None))

    async def add(self, application_id: int, token: str, told: str) -> None:
        """Say something beside an interaction's answer, to who asked alone."""
        with handle_message_parameters(
            content=told, flags=discord.MessageFlags(ephemeral=True), allowed_mentions=_NO_PINGS
        ) as message:
            await async_context.get().execute_webhook(
                application_id, token, session=self._session, payload=message.payload, wait=True
            )

    async def put(self, application_id: int, token: str, card: Card, view: discord.ui.View | None) -> int:
        """A card in the place of an interaction's own answer."""
        with handle_message_parameters(
            content=card.content,
            embeds=card.embeds,
            attachments=[file.to_discord() for file in card.files],
            view=view,
            allowed_mentions=_NO_PINGS,
        ) as message:
            edited = await async_context.get().edit_original_interaction_response(
                application_id,
                token,
                session=self._session,
                payload=message.payload,
                multipart=message.multipart,
                files=message.files,
            )
        return int(edited["id"])

    async def _is_channel_there(self, job: Job) -> bool:
        """Whether an answer that is gone was deleted by itself, and not with all of its channel."""
        if not job.reply.may_post or job.reply.channel_id is None:
            return True
        try:
            await self._client.fetch_channel(job.reply.channel_id)
        except discord.NotFound:
            return False
        except discord.HTTPException as error:
            log.info("channel.not_looked_up", job=job.id, code=error.code)
        return True

    async def _to_channel(self, job: Job, card: Card, nonce: str) -> int:
        if job.reply.is_private or not job.reply.may_post or job.reply.channel_id is None:
            raise NoWayError
        channel = self._client.get_partial_messageable(job.reply.channel_id)
        return await self._send(channel, job, card, nonce, mention=f"<@{job.reply.user_id}>")

    async def _to_person(self, job: Job, card: Card, nonce: str) -> int:
        user = await self._client.fetch_user(job.reply.user_id)
        return await self._send(await user.create_dm(), job, card, nonce, mention="")

    async def _send(
        self, channel: discord.abc.Messageable, job: Job, card: Card, nonce: str, *, mention: str
    ) -> int:
        fitting = card.within(job.reply.file_limit)
        asker = discord.Object(job.reply.user_id)
        message = await channel.send(
            content=f"{mention} {fitting.content or ''}".strip() or None,
            embeds=list(fitting.embeds),
            files=[file.to_discord() for file in fitting.files],
            view=view_of(fitting) or discord.utils.MISSING,
            allowed_mentions=discord.AllowedMentions(users=[asker], everyone=False, roles=False),
            nonce=nonce,
        )
        return message.id


def _noting(said: Said, job: Job, lacking: list[str]) -> Said:
    """The card, with what the bot would need to answer where it was asked."""
    if not lacking or job.reply.is_private:
        return said

    async def noted(plainly: bool) -> Card:
        card = await said(plainly)
        names = card.say.list([card.say(name) for name in lacking])
        told = card.say(
            "I could not answer in {channel}. There I need: {permissions}.",
            channel=f"<#{job.reply.channel_id}>",
            permissions=names,
        )
        return replace(card, content="\n".join(filter(None, [told, card.content])))

    return noted
