"""`/stems`: several files, given in a modal, that are the stems of one song."""

import discord
from discord import app_commands
from discord.ext import commands
from msgspec.structs import replace

from bot.chat.asked.messages import stems_of
from bot.chat.asked.opening import open_job
from bot.chat.discord.client import Pianola
from bot.chat.discord.news import tell_news
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown import modals
from bot.jobs.naming import song_title
from bot.language import language_of


class Stems(commands.Cog):
    """Takes the stems of a song in."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(name="stems", description="Turn the stems of one song into one MIDI file")
    @app_commands.describe(private="Only you see the answer")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def stems(self, interaction: discord.Interaction, *, private: bool = False) -> None:
        """Ask for the files."""
        say = language_of(str(interaction.locale))
        audience = "asker" if private else "all"
        await interaction.response.send_modal(modals.stems(audience, say))


async def take_stems(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Open a job with the files of a submitted form; its action says who is to see the answer."""
    parts = stems_of(modals.files(interaction, "stems"), bot.max_song_mb)
    given = modals.answers(interaction)
    title = given.get("title", "").strip()
    instruments = modals.read_instruments(given.get("instruments", ""), len(parts))
    parts = [
        replace(part, instrument=instrument) for part, instrument in zip(parts, instruments, strict=True)
    ]
    await open_job(
        bot.desk,
        bot.clock,
        interaction,
        title=title or song_title([part.name for part in parts]),
        parts=parts,
        is_private=pressed.action == "asker",
    )
    await tell_news(bot, interaction)


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Stems(bot))
