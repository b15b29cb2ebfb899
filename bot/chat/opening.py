"""From an interaction to a job under way: written down before anything is promised, then acknowledged, then started."""

from collections.abc import Sequence

import aiohttp
import discord
import structlog

from bot.chat.interactions import reply_of
from bot.clock import Clock
from bot.jobs.desk import Desk
from bot.jobs.model import Part

log = structlog.get_logger(__name__)

_ALREADY_ACKNOWLEDGED = 40060
_UNKNOWN_INTERACTION = 10062


async def open_job(
    desk: Desk,
    clock: Clock,
    interaction: discord.Interaction,
    *,
    title: str,
    parts: Sequence[Part],
    stem: str | None = None,
) -> None:
    """Open a job for an interaction, unless it has one: another process may have got the same event."""
    reply = reply_of(interaction, clock)
    job = await desk.open(reply, title, parts, stem)
    if job is None:
        return
    try:
        await interaction.response.defer(thinking=True)
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_INTERACTION and not reply.may_post:
            # Three seconds are over and there is no other way to this person: nothing is spent on it.
            await desk.cancel(job.id)
            return
        if error.code not in {_UNKNOWN_INTERACTION, _ALREADY_ACKNOWLEDGED}:
            raise
        log.warning("interaction.not_acknowledged", job=job.id, code=error.code)
    except (aiohttp.ClientError, OSError) as error:
        # The acknowledgement may have arrived and its answer been lost: going on shows which.
        log.warning("interaction.answer_lost", job=job.id, error=repr(error))
    await desk.start(job)
