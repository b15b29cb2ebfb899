"""What the controls of a finished song do: give a copy of it, ask for more, delete it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import discord
from discord.utils import escape_markdown

from bot.chat.discord.client import Pianola
from bot.chat.shown import copies
from bot.chat.shown.cards import Card
from bot.chat.shown.views import view_of
from bot.errors import CopyTooLargeError, NotYoursError, SongGoneError
from bot.jobs.model import Job
from bot.language import Language, language_of

_HINT_SECONDS = 1.5
"""A modal must be sent within 3 s of the press; one without a hint is better than none."""

_TOO_LARGE = 40005


async def kept(bot: Pianola, job_id: str) -> Job:
    """The job of a control.

    Raises:
        SongGoneError: it is kept no more.
    """
    job = await bot.desk.job(job_id)
    if job is None:
        raise SongGoneError
    return job


def may_manage(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether somebody may cancel or delete: who asked, and who manages messages where it was asked."""
    if interaction.user.id == job.reply.user_id:
        return True
    is_there = interaction.guild_id is not None and interaction.guild_id == job.reply.guild_id
    return is_there and interaction.permissions.manage_messages


async def post(interaction: discord.Interaction[Any], card: Card) -> int:
    """Send a card as the answer that was deferred; returns the message's id. What does not fit is left out and told."""
    card = card.within(interaction.filesize_limit)
    while True:
        try:
            message = await interaction.edit_original_response(
                content=card.content,
                embeds=list(card.embeds),
                attachments=[file.to_discord() for file in card.files],
                view=view_of(card),
            )
        except discord.HTTPException as error:
            if not card.files or not _is_too_large(error):
                raise
            card = card.without_last_file()
        else:
            return message.id


def _is_too_large(error: discord.HTTPException) -> bool:
    """Whether Discord refuses a size: the limit that it states can be too high."""
    return error.status == 413 or error.code == _TOO_LARGE


async def give(bot: Pianola, interaction: discord.Interaction[Any], job_id: str, make: copies.Make) -> None:
    """Send whoever pressed a copy, for their eyes only: a channel is not flooded.

    Raises:
        SongGoneError: the song is kept no more.
        CopyTooLargeError: the file may not be sent here.
    """
    # Before anything is looked up: a long song takes longer than the 3 s that there are.
    await interaction.response.defer(ephemeral=True, thinking=True)
    file = await bot.library.made(await kept(bot, job_id), make, language_of(str(interaction.locale)))
    limit = interaction.filesize_limit
    too_large = CopyTooLargeError(name=file.name, limit_mb=limit // 1024**2)
    if len(file.data) > limit:
        raise too_large
    try:
        # An instrument is called as whoever made a MIDI file pleased: nothing of it is to be drawn or followed.
        told = escape_markdown(file.description)
        await interaction.followup.send(told, file=file.to_discord(), ephemeral=True, suppress_embeds=True)
    except discord.HTTPException as error:
        if not _is_too_large(error):
            raise
        raise too_large from error


async def give_stems(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    """Send whoever pressed the audio of the stems, for their eyes only.

    Raises:
        SongGoneError: the song is kept no more.
        StemsGoneError: its stems are.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    job, say = await kept(bot, job_id), language_of(str(interaction.locale))
    audio = await bot.stem_library.audio(job, interaction.filesize_limit, say)
    try:
        files = [file.to_discord() for file in audio.files]
        await interaction.followup.send(audio.text, files=files, ephemeral=True)
    except discord.HTTPException as error:
        if not _is_too_large(error):
            raise
        await interaction.followup.send(bot.stem_library.links(job, say), ephemeral=True)


async def ask(
    bot: Pianola,
    interaction: discord.Interaction[Any],
    job_id: str,
    modal: Callable[[str, float | None, Language], discord.ui.Modal],
) -> None:
    """Open a modal with the song's own tempo filled in, where it is found in time.

    Raises:
        SongGoneError: the song is kept no more.
    """
    bpm, say = None, language_of(str(interaction.locale))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HINT_SECONDS):
            bpm = await bot.library.made(await kept(bot, job_id), copies.likely_tempo, say)
    await interaction.response.send_modal(modal(job_id, bpm, say))


async def delete(bot: Pianola, interaction: discord.Interaction[Any], job_id: str) -> None:
    """Delete all that is kept of a song, and the answer that was pressed.

    Raises:
        SongGoneError: it is deleted already.
        NotYoursError: somebody else's song.
    """
    await interaction.response.defer()
    job = await kept(bot, job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    await bot.desk.delete(job)
    with contextlib.suppress(discord.NotFound):
        await interaction.delete_original_response()
