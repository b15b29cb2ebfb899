"""A direct message to whoever owns the application."""

import discord
import structlog

from bot.chat.discord.client import Pianola

log = structlog.get_logger(__name__)


async def tell_owner(bot: Pianola, told: str) -> bool:
    """Send it. False: it did not get through this time; one that cannot get through is in the log, and counts as told."""
    application = bot.application
    if application is None:
        return False
    team = application.team
    owner_id = team.owner_id if team and team.owner_id else application.owner.id
    try:
        owner = await bot.fetch_user(owner_id)
        await owner.send(told)
    except (discord.Forbidden, discord.NotFound) as error:
        log.warning("owner.not_told", code=error.code, told=told)
    except (discord.HTTPException, OSError, TimeoutError) as error:
        log.warning("owner.not_told", error=repr(error))
        return False
    return True
