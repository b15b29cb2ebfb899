"""From an interaction to a job under way: written down before anything is promised, then acknowledged, then started."""

from collections.abc import Sequence

import aiohttp
import discord
import structlog
from msgspec.structs import replace

from bot.chat.asked.asker import asker_of
from bot.chat.asked.interactions import reply_of
from bot.clock import Clock
from bot.jobs.desk import Desk
from bot.jobs.model import SongPart
from bot.kie.separation import Separation

log = structlog.get_logger(__name__)

_ALREADY_ACKNOWLEDGED = 40060
_UNKNOWN_INTERACTION = 10062


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
    )
    if job is None:
        return
    try:
        # Discord fixes here who sees the answer.
        await interaction.response.defer(ephemeral=job.reply.is_private, thinking=True)
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_INTERACTION and (job.reply.is_private or not reply.may_post):
            # Three seconds are over and there is no other way to this person in this channel: nothing is spent on it.
            await desk.cancel(job.id)
            return
        if error.code not in {_UNKNOWN_INTERACTION, _ALREADY_ACKNOWLEDGED}:
            raise
        log.warning("interaction.not_acknowledged", job=job.id, code=error.code)
    except (aiohttp.ClientError, OSError) as error:
        # The acknowledgement may have arrived and its answer been lost: going on shows which.
        log.warning("interaction.answer_lost", job=job.id, error=repr(error))
    await desk.start(job)
