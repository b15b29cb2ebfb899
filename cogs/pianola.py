"""`/pianola`: what it is, how it is, what it keeps of a person, and what the managers of a server decide."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.asked.asker import asker_of
from bot.chat.discord.client import Pianola, errors_told
from bot.chat.shown import about, server_rules, status
from bot.chat.shown.modals import answers
from bot.errors import ManagersOnlyError, NoServerError, PianolaError
from bot.language import Language, language_of

Interaction: TypeAlias = discord.Interaction[Any]
Action: TypeAlias = Callable[[Pianola, Interaction], Awaitable[None]]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class About(
    commands.GroupCog, group_name="pianola", group_description="About Pianola, its settings and your data"
):
    """Answers for the eyes of who asks."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @app_commands.command(name="about", description="What Pianola is, and what it costs")
    async def about(self, interaction: discord.Interaction) -> None:
        """Say what this is."""
        card = about.about(self.bot.settings, _language(interaction))
        await interaction.response.send_message(embed=card, ephemeral=True)

    @app_commands.command(name="status", description="Whether the studio answers, and what is under way")
    async def status(self, interaction: discord.Interaction) -> None:
        """Say how it is; to the owner, also what is missing."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        user_id = interaction.user.id
        known = await self.bot.watch.status(user_id, is_owner=self.bot.belongs_to(user_id))
        await interaction.edit_original_response(embed=status.embed(known, _language(interaction)))

    @app_commands.command(name="privacy", description="What is kept of you, and who gets it; delete it")
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Say what is kept."""
        say = _language(interaction)
        await interaction.response.send_message(
            embed=about.privacy(self.bot.settings, say), view=about.privacy_view(say), ephemeral=True
        )

    @app_commands.command(
        name="forget", description="Delete every song that is kept of you, and stop what is under way"
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
        await _show_rules(self.bot, interaction, _managed(interaction))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Called by discord.py for every interaction: what is pressed, chosen and submitted here, before a restart too."""
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id = str(data.get("custom_id", ""))
        if match := re.fullmatch(server_rules.RULES_ID, custom_id):
            async with errors_told(interaction):
                await _decide(self.bot, interaction, match["rule"])
        elif match := re.fullmatch(about.OWN_ID, custom_id):
            async with errors_told(interaction):
                await _ACTIONS.get(match["action"], _unknown)(self.bot, interaction)


def _language(interaction: Interaction) -> Language:
    return language_of(str(interaction.locale))


def _managed(interaction: Interaction) -> int:
    """The server whose rules somebody may decide on.

    Raises:
        NoServerError: there is none here, or the bot is not installed in it.
        ManagersOnlyError: somebody else manages it.
    """
    asker = asker_of(interaction)
    if asker.host_id is None:
        raise NoServerError
    if not asker.is_manager:
        raise ManagersOnlyError
    return asker.host_id


async def _show_rules(bot: Pianola, interaction: Interaction, guild_id: int) -> None:
    """Show what is in force; in the message that was pressed, or for a command in one for its asker's eyes."""
    say, admission = _language(interaction), bot.admission
    rules = await admission.servers.rules(guild_id)
    separates = bot.desk.separates
    own_separation = bot.settings.separation_type if separates else None
    no_previews = await bot.library.no_previews()
    card = server_rules.embed(
        rules,
        admission.limits,
        own_separation,
        say,
        server_has=asker_of(interaction).server_has,
        no_previews=no_previews,
    )
    view = server_rules.view(
        rules, interaction.guild, say, separates=separates, has_previews=no_previews is None
    )
    if interaction.type is discord.InteractionType.application_command:
        await interaction.response.send_message(embed=card, view=view, ephemeral=True)
    else:
        await interaction.response.edit_message(embed=card, view=view)


async def _decide(bot: Pianola, interaction: Interaction, rule: str) -> None:
    """Put in force what was pressed, chosen or typed, and show it."""
    guild_id = _managed(interaction)
    servers, limits = bot.admission.servers, bot.admission.limits
    is_answer = interaction.type is discord.InteractionType.modal_submit
    if rule == "limits" and not is_answer:
        modal = server_rules.songs_modal(await servers.rules(guild_id), limits, _language(interaction))
        await interaction.response.send_modal(modal)
        return
    if is_answer:
        decided = server_rules.read_songs(answers(interaction), limits)
    else:
        data: dict[str, Any] = dict(interaction.data or {})
        decided = server_rules.decided(rule, data.get("values", []))
    await servers.change(guild_id, **decided)
    await _show_rules(bot, interaction, guild_id)


async def _ask(_bot: Pianola, interaction: Interaction) -> None:
    say = _language(interaction)
    await interaction.response.edit_message(embed=about.question(say), view=about.question_view(say))


async def _forget(bot: Pianola, interaction: Interaction) -> None:
    await interaction.response.defer()
    count = await bot.desk.forget(interaction.user.id)
    card = about.forgotten(count, _language(interaction))
    await interaction.edit_original_response(embed=card, view=None)


async def _keep(_bot: Pianola, interaction: Interaction) -> None:
    await interaction.response.edit_message(embed=about.left(_language(interaction)), view=None)


async def _unknown(_bot: Pianola, _interaction: Interaction) -> None:
    raise PianolaError("a button of another version")


_ACTIONS: dict[str, Action] = {"ask": _ask, "forget": _forget, "keep": _keep}


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(About(bot))
