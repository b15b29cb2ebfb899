"""A finished song changed for everybody: more or fewer notes, another instrument, other bars, another key. The answer that was pressed shows what it became."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import discord
import structlog
from msgspec.structs import replace

from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown import modals
from bot.chat.shown.result import copies, key_and_part
from bot.chat.shown.result.actions import track_names
from bot.chat.shown.result.more import STRENGTHS
from bot.errors import NotYoursError, PianolaError
from bot.jobs.model import Job
from bot.language import Language, language_of
from cogs._songs import in_time, kept, may_manage, presser, repaint

log = structlog.get_logger(__name__)

_QUIET_SECONDS = 3.0
"""What takes longer is told of: listening to drums anew, mostly."""


async def at_strength(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """More or fewer notes."""
    await interaction.response.defer()
    job = await _own(bot, interaction, pressed.job_id)
    await _show(bot, interaction, job, partial(bot.retelling.at_strength, job, STRENGTHS[pressed.action]))


async def ask_what_it_is(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask which instrument is which."""
    say = language_of(str(interaction.locale))
    job, names = None, []
    async with in_time():
        job = await _own(bot, interaction, pressed.job_id)
        names = [say("Instrument {number}", number=place + 1) for place in range(job.instruments or 1)]
        # What is said is said of the whole song.
        whole = replace(job, view=None)
        names = await bot.library.made(whole, track_names, say, wanted_by=presser(interaction))
    if job is None:
        raise PianolaError("the database takes too long for a modal")
    offers_whole = job.can_be_retold and len(job.parts) == 1 and len(names) > 1
    await interaction.response.send_modal(modals.said(job.id, names, say, offers_whole=offers_whole))


async def as_instrument(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """What was said in the modal."""
    place, instrument = modals.read_said(modals.answers(interaction))
    await interaction.response.defer()
    job = await _own(bot, interaction, pressed.job_id)
    await _show(bot, interaction, job, partial(bot.retelling.as_instrument, job, place, instrument))


async def ask_bars(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask how the song is divided into bars, with what is likely filled in where it is found in time."""
    likely, say = None, language_of(str(interaction.locale))
    async with in_time():
        job = await _own(bot, interaction, pressed.job_id)
        likely = await bot.library.made(job, copies.likely_bars, say, wanted_by=presser(interaction))
    await interaction.response.send_modal(modals.bars(pressed.job_id, likely, say))


async def with_bars(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The bars that were asked for in the modal."""
    chosen = modals.read_bars(modals.answers(interaction))
    await interaction.response.defer()
    job = await _own(bot, interaction, pressed.job_id)
    await _show(bot, interaction, job, partial(bot.retelling.with_bars, job, chosen))


async def ask_view(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Ask for key and part, with how the song is shown now; the names of keys where its own is found in time."""
    job, key, say = None, None, language_of(str(interaction.locale))
    async with in_time():
        job = await _own(bot, interaction, pressed.job_id)
        whole = replace(job, view=None)
        key = await bot.library.made(whole, copies.likely_key, say, wanted_by=presser(interaction))
    if job is None:
        raise PianolaError("the database takes too long for a modal")
    await interaction.response.send_modal(key_and_part.modal(job.id, job.view, key, say))


async def with_view(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The key and the part that were asked for in the modal."""
    view = key_and_part.read_view(modals.answers(interaction))
    await interaction.response.defer()
    job = await _own(bot, interaction, pressed.job_id)
    await _show(bot, interaction, job, partial(bot.retelling.with_view, job, view))


async def _own(bot: Pianola, interaction: Interaction, job_id: str) -> Job:
    """The job, for who may change it.

    Raises:
        SongGoneError: it is kept no more.
        NotYoursError: it is somebody else's.
    """
    job = await kept(bot, interaction, job_id)
    if not may_manage(interaction, job):
        raise NotYoursError
    return job


async def _show(
    bot: Pianola, interaction: Interaction, before: Job, change: Callable[[], Coroutine[Any, Any, Job]]
) -> None:
    """Let the answer show what became of its song; where this process ends in between, the next one does."""
    await bot.unfinished.changing(interaction, before)
    job = await _patiently(interaction, change(), language_of(str(interaction.locale)))
    reply = replace(job.reply, file_limit=interaction.filesize_limit)
    shown = replace(job, reply=reply, undelivered=0)
    await repaint(interaction, await bot.library.open(shown, language_of(job.reply.locale)), job.id)


async def _patiently(interaction: Interaction, change: Coroutine[Any, Any, Job], say: Language) -> Job:
    """What `change` gives; who waits long is told why."""
    work = asyncio.create_task(change, name="retelling")
    try:
        done, _ = await asyncio.wait([work], timeout=_QUIET_SECONDS)
        if not done:
            told = say("I'm listening to it once more. The answer above changes as soon as I'm done.")
            try:
                await interaction.followup.send(told, ephemeral=True)
            except (discord.HTTPException, OSError) as error:
                # What was begun is worth more than the word about it.
                log.warning("retelling.hint_not_sent", error=type(error).__name__)
        return await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
