"""`/midis`: the songs that a person had transcribed, to be had again."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.client import Pianola, offered
from bot.chat.shown import song_list
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.language import language_of
from cogs._list import open_song, show_page


class Library(commands.Cog):
    """Songs that are kept."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(name="midis", description="Your songs: get one again, or delete it")
    @app_commands.describe(song="Only this song: pick it, or type words from its title")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def midis(
        self, interaction: discord.Interaction, song: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Post one song again, made anew from its notes; without one, list them all for who asks."""
        if song is not None:
            async with self.bot.unfinished.serving(interaction):
                await open_song(self.bot, interaction, await _wanted(self.bot, interaction.user.id, song))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_page(self.bot, interaction, 0)

    @midis.autocomplete("song")
    async def _songs(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        say = language_of(str(interaction.locale))
        return [
            app_commands.Choice(name=song_list.offer(job.title, job.created_at, say), value=job.id)
            for job in await offered(self.bot.kept_songs.search(interaction.user.id, typed))
        ]


async def _wanted(bot: Pianola, user_id: int, typed: str) -> Job:
    """The song that was chosen, or of those whose titles hold what was typed the newest.

    Raises:
        SongGoneError: there is none such among those of this person.
    """
    if job := await bot.kept_songs.song(user_id, typed):
        return job
    for job in await bot.kept_songs.search(user_id, typed):
        return job
    raise SongGoneError


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Library(bot))
