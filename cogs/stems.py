"""`/stems`: several files, given in a modal, that are the stems of one song."""

import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.asked.messages import stems_of
from bot.chat.asked.opening import open_job
from bot.chat.discord.client import Pianola, errors_told
from bot.chat.shown import modals
from bot.jobs.naming import song_title
from bot.language import language_of

_MODAL_ID = r"pianola-stems:(?P<audience>all|asker)"
"""Whoever gets the submission knows from it what was asked, and who is to see the answer."""


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
        await interaction.response.send_modal(modals.stems(f"pianola-stems:{audience}", say))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py for every interaction."""
        data: dict[str, Any] = dict(interaction.data or {})
        match = re.fullmatch(_MODAL_ID, data.get("custom_id", ""))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        async with errors_told(interaction):
            parts = stems_of(modals.files(interaction, "stems"), self.bot.max_song_mb)
            title = modals.answers(interaction).get("title", "").strip()
            await open_job(
                self.bot.desk,
                self.bot.clock,
                interaction,
                title=title or song_title([part.name for part in parts]),
                parts=parts,
                is_private=match["audience"] == "asker",
            )


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Stems(bot))
