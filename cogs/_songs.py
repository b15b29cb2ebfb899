"""A song that somebody pressed a control of: found, looked into, shown, cancelled, deleted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import discord

from bot.chat.discord.client import Pianola
from bot.chat.discord.refusals import is_too_large
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown import cards
from bot.chat.shown.cards import Card
from bot.chat.shown.views import asking_to_delete, asks_to_delete, not_deleted, view_of
from bot.errors import NotYoursError, SongGoneError, TooLateError
from bot.jobs.model import Job
from bot.language import Language, language_of
from bot.rounds import Whose

_HINT_SECONDS = 1.5
"""A press must be acknowledged within 3 s; a modal without a hint is better than none."""


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """What is looked up in the block before a press is acknowledged is broken off where it takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HINT_SECONDS):
            yield


async def kept(bot: Pianola, interaction: Interaction, job_id: str) -> Job:
    """The job of a control. One that was answered in private is there for its asker alone.

    Raises:
        SongGoneError: it is kept no more.
        NotYoursError: it is somebody else's own.
    """
    job = await bot.desk.job(job_id)
    if job is None:
        raise SongGoneError
    if job.reply.is_private and interaction.user.id != job.reply.user_id:
        raise NotYoursError
    return job


def may_manage(interaction: Interaction, job: Job) -> bool:
    """Whether somebody may cancel or delete: who asked, and who manages messages where it was asked."""
    if interaction.user.id == job.reply.user_id:
        return True
    is_there = interaction.guild_id is not None and interaction.guild_id == job.reply.guild_id
    return is_there and interaction.permissions.manage_messages


def presser(interaction: Interaction) -> Whose:
    """Whose turn what they want takes."""
    return Whose(interaction.user.id, interaction.guild_id)


async def repaint(interaction: Interaction, card: Card, job_id: str) -> None:
    """Show what became of a song in the answer that was pressed. Somebody may have been asked there meanwhile whether to delete it."""
    is_asked = asks_to_delete(await interaction.original_response(), job_id)
    await post(interaction, card, asks_to_delete=job_id if is_asked else None)


async def post(interaction: Interaction, card: Card, *, asks_to_delete: str | None = None) -> int:
    """Send a card as the answer that was deferred; returns the message's id. What does not fit is left out and told.

    `asks_to_delete`: with the question whether that job is to be deleted.
    """
    card = card.within(interaction.filesize_limit)
    while True:
        try:
            message = await interaction.edit_original_response(
                content=card.content,
                embeds=list(card.embeds),
                attachments=[file.to_discord() for file in card.files],
                view=view_of(card, asks_to_delete),
            )
        except discord.HTTPException as error:
            if not card.files or not is_too_large(error):
                raise
            card = card.without_last_file()
        else:
            return message.id


async def cancel(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Stop waiting for a song.

    Raises:
        NotYoursError: somebody else's song.
        TooLateError: it is there already, or being told.
    """
    await interaction.response.defer()
    job = await kept(bot, interaction, pressed.job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    if not await bot.desk.cancel(job.id):
        raise TooLateError
    card = cards.cancelled(job)
    await interaction.edit_original_response(
        content=None, embeds=list(card.embeds), attachments=[], view=None
    )


async def ask_to_delete(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask, under the song itself, whether it is to be deleted: only its own message can be deleted from everywhere.

    Raises:
        SongGoneError: it is deleted already.
        NotYoursError: somebody else's song.
    """
    await _swap(bot, interaction, pressed, asking_to_delete)


async def keep(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Leave a song where it is.

    Raises:
        SongGoneError: it is deleted already.
        NotYoursError: somebody else's song.
    """
    await _swap(bot, interaction, pressed, not_deleted)


async def _swap(
    bot: Pianola,
    interaction: Interaction,
    pressed: Pressed,
    controls: Callable[[discord.Message, str, Language], discord.ui.View],
) -> None:
    await interaction.response.defer()
    job = await kept(bot, interaction, pressed.job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    if interaction.message is None:
        raise SongGoneError
    view = controls(interaction.message, job.id, language_of(str(interaction.locale)))
    await interaction.edit_original_response(view=view)


async def delete(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Delete all that is kept of a song, and the answer that was pressed.

    Raises:
        SongGoneError: it is deleted already.
        NotYoursError: somebody else's song.
    """
    await interaction.response.defer()
    job = await kept(bot, interaction, pressed.job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    await bot.desk.delete(job)
    with contextlib.suppress(discord.NotFound):
        await interaction.delete_original_response()
