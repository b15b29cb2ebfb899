"""What an interaction says of who asks and where, as far as rules and limits go by it."""

import discord

from bot.jobs.admission import Asker


def asker_of(interaction: discord.Interaction) -> Asker:
    """Who asks. A command of a member's own installation is a guest's, where the server's own is not there as well."""
    if interaction.guild_id is None or not isinstance(interaction.user, discord.Member):
        return Asker(user_id=interaction.user.id)
    channel = interaction.channel
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    return Asker(
        user_id=interaction.user.id,
        server_id=interaction.guild_id,
        # The public `roles` looks each up in the server, which is not known for the first seconds after a start. The role
        # that everybody has goes by the server's id and is not listed.
        roles=frozenset((*interaction.user._roles, interaction.guild_id)),  # noqa: SLF001 (see above)
        places=frozenset(place for place in (interaction.channel_id, parent_id) if place is not None),
        is_manager=interaction.permissions.manage_guild,
        is_guest=interaction.is_user_integration() and not interaction.is_guild_integration(),
        server_has=_roles_and_channels(interaction.guild),
    )


def _roles_and_channels(guild: discord.Guild | None) -> frozenset[int] | None:
    """All that there are in a server; None where that is not known."""
    # Every server has a role; of one that is not known for the first seconds after a start there is none.
    if guild is None or not guild.roles:
        return None
    return frozenset(known.id for known in (*guild.roles, *guild.channels))
