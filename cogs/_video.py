"""A finished song as a video, for all who are here where its asker wants it, else for whoever pressed."""

import asyncio
import contextlib
from collections.abc import Coroutine
from functools import partial
from typing import Any

import discord
import structlog

from bot.chat.asked.asker import asker_of
from bot.chat.discord.client import Pianola
from bot.chat.discord.refusals import is_too_large
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.cards import Card
from bot.chat.shown.result.videos import Progress, Video, card, under_way
from bot.chat.shown.views import view_of
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.language import Language, language_of
from bot.video.errors import VideoTooLargeError
from bot.video.shot import Which
from cogs._songs import in_time, kept, presser

log = structlog.get_logger(__name__)

_SHOWN_EVERY_SECONDS = 3.0
"""Discord wants edits no closer than 2 s."""


async def _serve(bot: Pianola, interaction: Interaction, pressed: Pressed, *, which: Which) -> None:
    say = language_of(str(interaction.locale))
    async with bot.library.videos.turn(presser(interaction)) as progress:
        job = await _begun(bot, interaction, pressed.job_id)
        try:
            made = bot.library.video(
                job,
                which,
                say,
                wanted_by=presser(interaction),
                most_bytes=interaction.filesize_limit,
                progress=progress,
            )
            await _post(interaction, card(job, await _shown(interaction, made, progress, say), say))
        except PianolaError as error:
            # In the place of the progress, which would stand there for ever.
            log.info("video.none", job=job.id, error=error.code, detail=error.detail)
            await interaction.edit_original_response(content=say.error(error), attachments=[], view=None)
        except Exception:
            with contextlib.suppress(discord.HTTPException):
                await interaction.delete_original_response()
            raise


liveliest = partial(_serve, which=Which.LIVELIEST)
beginning = partial(_serve, which=Which.BEGINNING)
whole = partial(_serve, which=Which.WHOLE)


async def _begun(bot: Pianola, interaction: Interaction, job_id: str) -> Job:
    """The job, once the press is acknowledged. Who sees the video is fixed by then; where that is not known in time, who pressed."""
    job, is_private = None, True
    async with in_time():
        job = await kept(bot, interaction, job_id)
        is_private = await _is_private(bot, interaction, job)
    await interaction.response.defer(ephemeral=is_private, thinking=True)
    if job is None:
        job = await kept(bot, interaction, job_id)
    return job


async def _is_private(bot: Pianola, interaction: Interaction, job: Job) -> bool:
    """A channel is not flooded by others than the asker, and sees nothing of a private answer, nor sound where there is to be none."""
    if interaction.user.id != job.reply.user_id or job.reply.is_private:
        return True
    if interaction.message and interaction.message.flags.ephemeral:
        return True
    rules = await bot.desk.manners(asker_of(interaction))
    return rules.is_private or not rules.has_preview


async def _shown(
    interaction: Interaction, made: Coroutine[Any, Any, Video], progress: Progress, say: Language
) -> Video:
    """The video, once it is made; until then how far it is."""
    work = asyncio.create_task(made, name="video")
    shown = ""
    try:
        while not (await asyncio.wait([work], timeout=_SHOWN_EVERY_SECONDS))[0]:
            told = under_way(progress, say)
            if told != shown:
                # The next one may go through; what is being made is worth more than the word about it.
                with contextlib.suppress(discord.HTTPException, OSError):
                    await interaction.edit_original_response(content=told)
                    shown = told
        return await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _post(interaction: Interaction, made: Card) -> None:
    try:
        await interaction.edit_original_response(
            content=made.content,
            attachments=[file.to_discord() for file in made.files],
            view=view_of(made),
        )
    except discord.HTTPException as error:
        if not is_too_large(error):
            raise
        raise VideoTooLargeError(limit_mb=interaction.filesize_limit // 1024**2) from error
