"""Users, guilds, channels, messages and interactions as the JSON that Discord sends."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from urllib.parse import quote

from tests.discord_server.world import (
    COMPONENTS_V2,
    EVERYTHING,
    LOADING,
    Channel,
    ChannelKind,
    File,
    Guild,
    Interaction,
    Json,
    Message,
    Permission,
    User,
    World,
)

_LINK_KEY = secrets.token_bytes(16)
_LINK_LIFE = timedelta(hours=24)

_USER_INSTALL_PERMISSIONS = Permission.EMBED_LINKS | Permission.ATTACH_FILES
"""Where the bot is no member it may still show embeds and files in its answers, and nothing else."""


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": None,
        "discriminator": "0",
        "avatar": None,
        "bot": user.is_bot,
        "public_flags": 0,
    }


def application_json(world: World) -> Json:
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "description": "",
        "icon": None,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_json(world.user),
        "verify_key": "0" * 64,
        "flags": 0,
        "integration_types_config": {"0": {}, "1": {}},
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(world.guilds),
    } | world.application


def guild_json(world: World, guild: Guild) -> Json:
    """As in GUILD_CREATE."""
    everyone = {
        "id": str(guild.id),
        "name": "@everyone",
        "permissions": str(int(EVERYTHING)),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    inside = [channel for channel in world.channels.values() if channel.guild is guild]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(world.user.id),
        "preferred_locale": guild.locale,
        "features": [],
        "member_count": 2,
        "unavailable": False,
        "roles": [everyone],
        "emojis": [],
        "stickers": [],
        "members": [member_json(world.bot, EVERYTHING)],
        "channels": [channel_json(c, world.bot) for c in inside if c.kind is not ChannelKind.PUBLIC_THREAD],
        "threads": [
            channel_json(c) for c in inside if c.kind is ChannelKind.PUBLIC_THREAD and not c.is_archived
        ],
    }


def member_json(user: User, permissions: Permission) -> Json:
    return {
        "user": user_json(user),
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(int(permissions)),
    }


def channel_json(channel: Channel, bot: User | None = None) -> Json:
    """With what the `bot` may do there, where it is told."""
    base: Json = {"id": str(channel.id), "type": int(channel.kind), "flags": 0, "last_message_id": None}
    if channel.guild is None:
        others = [user_json(user) for user in channel.recipients if not user.is_bot]
        group = {"name": channel.name, "icon": None, "owner_id": others[0]["id"] if others else "0"}
        return base | {"recipients": others} | (group if channel.kind is ChannelKind.GROUP_DM else {})
    base |= {"guild_id": str(channel.guild.id), "name": channel.name, "parent_id": None}
    forbidden = str(int(EVERYTHING & ~channel.bot_may))
    own = [{"id": str(bot.id), "type": 1, "allow": "0", "deny": forbidden}] if bot else []
    if channel.kind is ChannelKind.PUBLIC_THREAD:
        archive: Json = {
            "archived": channel.is_archived,
            "auto_archive_duration": 1440,
            "locked": channel.is_locked,
        }
        archive |= {"archive_timestamp": "2026-01-01T00:00:00+00:00"}
        return base | {
            "parent_id": str(channel.parent.id if channel.parent else channel.guild.id),
            "owner_id": str(channel.id),
            "message_count": 0,
            "member_count": 1,
            "rate_limit_per_user": 0,
            "thread_metadata": archive,
        }
    if channel.kind in {ChannelKind.VOICE, ChannelKind.STAGE}:
        base |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.kind is ChannelKind.FORUM:
        base |= {
            "available_tags": [],
            "topic": None,
            "default_reaction_emoji": None,
            "default_sort_order": None,
        }
    return base | {"position": 0, "nsfw": False, "permission_overwrites": own, "rate_limit_per_user": 0}


def file_path(file: File) -> str:
    """Where on the CDN a file is."""
    room = "ephemeral-attachments" if file.is_ephemeral else "attachments"
    return f"/cdn/{room}/{file.channel_id}/{file.id}/{quote(file.name)}"


def link_signature(path: str, expires: str) -> str:
    return hmac.new(_LINK_KEY, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()


def file_json(world: World, file: File) -> Json:
    path = file_path(file)
    expires = f"{int((world.clock.now() + _LINK_LIFE).timestamp()):x}"
    url = f"{world.address}{path}?ex={expires}&is=0&hm={link_signature(path, expires)}"
    known = {"title": file.title, "description": file.description, "content_type": file.content_type}
    return {
        "id": str(file.id),
        "filename": file.name,
        "size": file.size,
        "url": url,
        "proxy_url": url,
        "ephemeral": file.is_ephemeral,
        **{name: value for name, value in known.items() if value is not None},
    }


def message_json(world: World, message: Message) -> Json:
    interaction = message.interaction
    base: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": message.created_at.isoformat(),
        "edited_timestamp": message.edited_at.isoformat() if message.edited_at else None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user_json(world.users[user]) for user in message.mentions],
        "mention_roles": [],
        # A Components-V2 message shows its files as components and lists none here.
        "attachments": []
        if message.flags & COMPONENTS_V2
        else [file_json(world, file) for file in message.files],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": False,
        "type": 20 if interaction and interaction.kind == 2 else 0,
        "flags": message.flags,
    }
    if message.nonce is not None:
        base["nonce"] = message.nonce
    if interaction is not None:
        base |= {"webhook_id": str(world.bot.id), "application_id": str(world.bot.id)}
    return base


def callback_json(world: World, interaction: Interaction) -> Json:
    """What the callback route answers with `with_response=1`."""
    kind = interaction.callback
    about: Json = {"id": str(interaction.id), "type": interaction.kind}
    if interaction.original is None:
        return {"interaction": about}
    message = interaction.original
    about |= {
        "response_message_id": str(message.id),
        "response_message_loading": bool(message.flags & LOADING),
        "response_message_ephemeral": message.is_ephemeral,
    }
    resource = {"type": kind, "message": message_json(world, message)} if kind in {4, 7} else {"type": kind}
    return {"interaction": about, "resource": resource}


def interaction_json(world: World, interaction: Interaction) -> Json:
    """INTERACTION_CREATE."""
    channel, user, guild = interaction.channel, interaction.user, interaction.channel.guild
    by_guild = {"0": str(guild.id) if guild else "0"}
    owners = by_guild if interaction.installed == "guild" else {"1": str(user.id)}
    body: Json = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel": channel_json(channel) | {"permissions": str(int(EVERYTHING))},
        "channel_id": str(channel.id),
        "locale": interaction.locale,
        "app_permissions": str(int(app_permissions(interaction))),
        "authorizing_integration_owners": owners,
        "context": context_of(channel),
        "attachment_size_limit": channel.stated_file_limit,
        "entitlements": [],
    }
    if guild is None:
        body["user"] = user_json(user)
    else:
        body |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member_json(user, EVERYTHING),
        }
    if interaction.source is not None:
        body["message"] = message_json(world, interaction.source)
    return body


def app_permissions(interaction: Interaction) -> Permission:
    """What the bot may do where the interaction happened."""
    if interaction.installed == "user":
        return _USER_INSTALL_PERMISSIONS
    return interaction.channel.bot_may


def context_of(channel: Channel) -> int:
    """0 in a guild, 1 in the bot's own direct messages, 2 in anybody else's."""
    if channel.guild is not None:
        return 0
    return 1 if channel.is_bot_dm else 2
