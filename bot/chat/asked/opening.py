"""From an interaction to a job under way: written down before anything is promised, then acknowledged, then started.

The acknowledgement is a message whose button names the job. Two processes without a common database both get a command
and both write a job down; whose job it is, is whichever that message names.
"""

from collections.abc import Sequence

import aiohttp
import discord
import structlog
from msgspec.structs import replace

from bot.chat.asked.asker import asker_of
from bot.chat.asked.interactions import reply_of
from bot.chat.discord.refusals import ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION
from bot.chat.shown.cards import begun
from bot.chat.shown.views import view_of
from bot.clock import Clock
from bot.jobs.desk import Desk
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart
from bot.kie.separation import Separation
from bot.music.view.view import View

log = structlog.get_logger(__name__)

_TRIES = 3
"""One whose answer was lost may never have arrived, and is sent again while its 3 s last."""


async def open_job(
    desk: Desk,
    clock: Clock,
    interaction: discord.Interaction,
    *,
    title: str,
    parts: Sequence[SongPart],
    stem: str | None = None,
    separation_type: Separation | None = None,
    here: bool = False,
    is_private: bool = False,
    passed_over: Sequence[str] = (),
    view: View | None = None,
) -> None:
    """Open a job for an interaction, unless it has one: another process may have got the same event.

    `is_private` is the asker's wish; the rules of the server may make it so too.
    """
    reply = replace(reply_of(interaction, clock), is_private=is_private)
    job = await desk.open(
        reply,
        title,
        parts,
        stem,
        asker=asker_of(interaction),
        separation_type=separation_type,
        here=here,
        passed_over=passed_over,
        view=view,
    )
    if job is None:
        return
    try:
        arrived = await _acknowledge(interaction, job)
    except discord.HTTPException as error:
        if error.status >= 500 or error.code in {UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED}:
            log.info("interaction.unclear", job=job.id, code=error.code, status=error.status)
            await desk.look(job)
            return
        # Repeating does not mend it, and nothing can be edited: the result goes the other ways.
        log.warning("interaction.refused", job=job.id, code=error.code)
        await desk.start(replace(job, reply=replace(job.reply, token="")))
        return
    await (desk.start(job) if arrived else desk.look(job))


async def _acknowledge(interaction: discord.Interaction, job: Job) -> bool:
    """Show that the job is there, and its button. False: it may have arrived, and its answer been lost."""
    card = begun(job)
    for _ in range(_TRIES):
        try:
            # Discord fixes here who sees the answer.
            await interaction.response.send_message(
                embeds=card.embeds,
                view=view_of(card) or discord.utils.MISSING,
                ephemeral=job.reply.is_private,
            )
        except (aiohttp.ClientError, OSError) as error:
            log.warning("interaction.answer_lost", job=job.id, error=repr(error))
        else:
            return True
    return False
