"""`/pianola`: what it is, how it is, what it keeps of a person, what the managers of a server decide, and its owner's commands."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.client import Pianola
from bot.chat.discord.news import tell_news
from bot.chat.discord.routing import Interaction
from bot.chat.shown.pianola import about, status
from bot.language import Language, language_of
from cogs._owner import Owner
from cogs._rules import managed, show_rules


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class About(
    commands.GroupCog, group_name="pianola", group_description="About Pianola, its settings and your data"
):
    """Answers for the eyes of who asks."""

    owner = Owner(name="owner", description="For the people who run me")

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction, _command: object) -> None:
        """Called by discord.py when a command did what it should."""
        await tell_news(self.bot, interaction)

    @app_commands.command(name="about", description="What Pianola is, and what it costs")
    async def about(self, interaction: discord.Interaction) -> None:
        """Say what this is."""
        card = about.about(self.bot.settings, _language(interaction))
        await interaction.response.send_message(embed=card, ephemeral=True)

    @app_commands.command(name="status", description="Whether the studio answers, and what's in progress")
    async def status(self, interaction: discord.Interaction) -> None:
        """Say how it is; to the owner, also what is missing."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        user_id = interaction.user.id
        known = await self.bot.watch.status(user_id, is_owner=self.bot.belongs_to(user_id))
        card = status.embed(known, _language(interaction), self.bot.invite)
        await interaction.edit_original_response(embed=card)

    @app_commands.command(name="privacy", description="What I store about you and who gets it; delete it")
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Say what is kept."""
        say = _language(interaction)
        await interaction.response.send_message(
            embed=about.privacy(self.bot.settings, say), view=about.privacy_view(say), ephemeral=True
        )

    @app_commands.command(
        name="forget", description="Delete all your saved songs and stop the ones in progress"
    )
    async def forget(self, interaction: discord.Interaction) -> None:
        """Ask once whether all of a person is to be deleted."""
        say = _language(interaction)
        await interaction.response.send_message(
            embed=about.question(say), view=about.question_view(say), ephemeral=True
        )

    @app_commands.command(
        name="settings", description="For managers of this server: who may use Pianola, where, and how often"
    )
    async def settings(self, interaction: discord.Interaction) -> None:
        """Show what is in force in a server, with what changes it."""
        await show_rules(self.bot, interaction, managed(interaction))


def _language(interaction: Interaction) -> Language:
    return language_of(str(interaction.locale))


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(About(bot))
