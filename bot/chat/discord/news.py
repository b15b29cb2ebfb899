"""What the owner announces: told once to each person, beneath an answer, for their eyes."""

from typing import Any

import discord
import structlog

from bot.chat.discord.client import Pianola
from bot.jobs.storage.databases.troubles import trouble_of

log = structlog.get_logger(__name__)


async def tell_news(bot: Pianola, interaction: discord.Interaction[Any]) -> None:
    """Tell whoever asked, unless they know, or have no answer yet. It is no harm where it fails: the status has it too."""
    answered = interaction.response.type
    if answered is None or answered is discord.InteractionResponseType.modal:
        return
    try:
        news = await bot.notices.news()
        if news and await bot.notices.is_first_told(interaction.user.id, news):
            await interaction.followup.send(f"📣 {news.text}", ephemeral=True)
    except (discord.HTTPException, OSError) as error:
        log.info("news.not_told", error=repr(error))
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        log.info("news.not_told", problem=trouble.sentence)
