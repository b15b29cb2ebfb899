"""What the managers of a server decide: shown, and put in force."""

import discord

from bot.chat.asked.asker import asker_of
from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.modals import answers
from bot.chat.shown.pianola import server_rules
from bot.errors import ManagersOnlyError, NoServerError
from bot.language import language_of


def managed(interaction: Interaction) -> int:
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


async def show_rules(bot: Pianola, interaction: Interaction, guild_id: int) -> None:
    """Show what is in force; in the message that was pressed, or for a command in one for its asker's eyes."""
    say, admission = language_of(str(interaction.locale)), bot.admission
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


async def decide(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Put in force what was pressed, chosen or typed, and show it."""
    guild_id = managed(interaction)
    servers, limits = bot.admission.servers, bot.admission.limits
    is_answer = interaction.type is discord.InteractionType.modal_submit
    if pressed.action == "limits" and not is_answer:
        modal = server_rules.songs_modal(
            await servers.rules(guild_id), limits, language_of(str(interaction.locale))
        )
        await interaction.response.send_modal(modal)
        return
    if is_answer:
        decided = server_rules.read_songs(answers(interaction), limits)
    else:
        decided = server_rules.decided(pressed.action, pressed.values)
    await servers.change(guild_id, **decided)
    await show_rules(bot, interaction, guild_id)
