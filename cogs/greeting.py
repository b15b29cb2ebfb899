"""What is said where the bot comes in, and the song that may hang on it."""

from datetime import timedelta
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.chat.asked.messages import song_in
from bot.chat.asked.opening import open_job
from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.pianola.greeting import greeting
from bot.errors import SongGoneError
from bot.jobs.naming import song_title
from bot.language import language_of

log = structlog.get_logger(__name__)

_ONCE: Final = timedelta(days=3650)
"""Ten years: a server that throws the bot out and takes it back is not greeted again."""


class Greeting(commands.Cog):
    """Says hello."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Called by discord.py when somebody takes the bot into a server; once, however often that is done."""
        channel = _where(guild)
        if channel is None or not await self.bot.store.claim(f"greeted {guild.id}", _ONCE):
            return
        try:
            await channel.send(greeting(language_of(str(guild.preferred_locale))))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("greeting.not_posted", server=guild.id, error=repr(error)[:200])


def _where(guild: discord.Guild) -> discord.TextChannel | None:
    """The channel for such messages, or the first in which the bot may write."""
    channels = [guild.system_channel, *guild.text_channels]
    return next((channel for channel in channels if channel and _may_write(channel)), None)


def _may_write(channel: discord.TextChannel) -> bool:
    may = channel.permissions_for(channel.guild.me)
    return may.view_channel and may.send_messages


async def make_example(bot: Pianola, interaction: Interaction, _pressed: Pressed) -> None:
    """Take the song of the message whose button was pressed.

    Raises:
        SongGoneError: the message is gone.
        InputError: it cannot be used.
    """
    if interaction.message is None:
        raise SongGoneError
    parts = song_in(interaction.message, bot.max_song_mb).parts
    title = song_title([part.name for part in parts])
    await open_job(bot.desk, bot.clock, interaction, title=title, parts=parts)


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Greeting(bot))
