"""`/midis`: the songs that a person had transcribed, to be had again. `/pianola forget`: none of them kept any more."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.client import Pianola
from bot.chat.views import view_of
from bot.errors import SongGoneError
from bot.language import language_of


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Keeping(commands.GroupCog, group_name="pianola", group_description="Pianola itself"):
    """What is kept of a person."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(
        name="forget", description="Delete every song that is kept of you, and stop what is under way"
    )
    async def forget(self, interaction: discord.Interaction) -> None:
        """Delete all that is kept of who asks."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        count = await self.bot.desk.forget(interaction.user.id)
        say = language_of(str(interaction.locale))
        await interaction.followup.send(
            say.plural(
                "Done: {count} song deleted. Messages already posted are yours to delete.",
                "Done: {count} songs deleted. Messages already posted are yours to delete.",
                count,
            )
        )


class Library(commands.Cog):
    """Songs that are kept."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(name="midis", description="Get one of your songs again")
    @app_commands.describe(song="Which one")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def midis(self, interaction: discord.Interaction, song: app_commands.Range[str, 1, 100]) -> None:
        """Post one song again, made anew from its notes."""
        job = await self.bot.desk.job(song)
        if job is None or job.reply.user_id != interaction.user.id:
            raise SongGoneError
        await interaction.response.defer(thinking=True)
        card = (await self.bot.library.open(job, language_of(str(interaction.locale)))).within(
            interaction.filesize_limit
        )
        await interaction.followup.send(
            content=card.content or "",
            embeds=list(card.embeds),
            files=[file.to_discord() for file in card.files],
            view=view_of(card) or discord.utils.MISSING,
        )

    @midis.autocomplete("song")
    async def _songs(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        jobs = await self.bot.desk.songs_of(interaction.user.id, typed)
        return [
            app_commands.Choice(name=f"{job.title[:80]} · {job.created_at:%Y-%m-%d %H:%M}", value=job.id)
            for job in jobs
        ]


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cogs are loaded."""
    await bot.add_cog(Library(bot))
    await bot.add_cog(Keeping(bot))
