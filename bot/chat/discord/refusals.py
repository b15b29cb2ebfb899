"""What Discord's refusals mean: that the answer is gone, that a word or the form is not wanted, or that a way is closed."""

import discord

from bot.errors import AnswerBlockedError, AnswerRefusedError, DiscordBusyError, PianolaError
from bot.jobs.model import Reply
from bot.language import text

DELETED = 10008

UNKNOWN_INTERACTION = 10062
ALREADY_ACKNOWLEDGED = 40060

TOKEN_DEAD = frozenset({10015, UNKNOWN_INTERACTION, 50027})
"""Unknown webhook, unknown interaction, invalid token: the service says one or another, for the same thing."""

_TOO_LARGE = 40005
_WORDS = frozenset({200_000, 200_001, 240_000})
"""A word that the server's AutoMod blocks, in a message or a title, or what Discord takes for a harmful link."""

_FORM = 50_035
_MISSING_ACCESS, _MISSING_PERMISSIONS = 50_001, 50_013

_PASSING = frozenset({408, 425, 429})
_OVERLOADED, _TOO_MANY_EDITS = 130_000, 30_046
"""A part of Discord that has too much to do; and an old message that was edited too often for now, where a new one is taken."""

_NEEDED = {
    "view_channel": text("View Channel"),
    "send_messages": text("Send Messages"),
    "send_messages_in_threads": text("Send Messages in Threads"),
    "embed_links": text("Embed Links"),
    "attach_files": text("Attach Files"),
}
"""Permissions, as Discord calls them in its settings."""


def is_token_dead(error: discord.HTTPException) -> bool:
    """Whether nothing can be done through an interaction any more."""
    return error.code in TOKEN_DEAD or error.status in {401, 404}


def is_too_large(error: discord.HTTPException) -> bool:
    """Whether Discord refuses a size: the limit that it states can be too high."""
    return error.status == 413 or error.code == _TOO_LARGE


def is_about_words(error: discord.HTTPException) -> bool:
    """Whether something plainer may be taken."""
    return error.code in {*_WORDS, _FORM}


def is_final(error: discord.HTTPException, *, by_token: bool) -> bool:
    """Whether repeating does not mend it. Without a code it is the network in front that refuses, which passes.

    `by_token`: it was said to an interaction's token, and not to the bot's own, which is the same everywhere.
    """
    if by_token and is_token_dead(error):
        return True
    if error.code == _TOO_MANY_EDITS:
        return True
    return 400 <= error.status < 500 and bool(error.code) and not is_passing(error)


def is_passing(error: discord.HTTPException) -> bool:
    """Whether the same may be taken a moment later."""
    return error.status in _PASSING or error.status >= 500 or error.code == _OVERLOADED


def told_of(error: discord.HTTPException) -> PianolaError:
    """What somebody is told whose press or command Discord lets nobody answer."""
    if is_passing(error):
        return DiscordBusyError()
    return AnswerBlockedError() if error.code in _WORDS else AnswerRefusedError()


def needed_permissions(
    client: discord.Client, reply: Reply, refusal: discord.HTTPException | None
) -> list[str]:
    """The permissions that the bot lacks where it is to answer, by their English names; none where that is not the reason.

    `refusal` None: it was known from the start that the bot may not write there.
    """
    guild = client.get_guild(reply.guild_id) if reply.guild_id else None
    if guild is None and refusal and refusal.code == _MISSING_PERMISSIONS:
        # Another process has the gateway of its server; which is lacking is not known here.
        return [_NEEDED[name] for name in _NEEDED if name != "send_messages_in_threads"]
    is_about_permissions = refusal is None or refusal.code in {_MISSING_ACCESS, _MISSING_PERMISSIONS}
    if guild is None or reply.channel_id is None or not is_about_permissions:
        return []
    channel = guild.get_channel_or_thread(reply.channel_id)
    is_thread = isinstance(channel, discord.Thread)
    needed = [
        name for name in _NEEDED if name != ("send_messages" if is_thread else "send_messages_in_threads")
    ]
    lacking: list[str] = []
    if channel is not None and (not isinstance(channel, discord.Thread) or channel.parent):
        allowed = channel.permissions_for(guild.me)
        lacking = [name for name in needed if not getattr(allowed, name)]
    if not lacking and (refusal is None or refusal.code != _MISSING_PERMISSIONS):
        return []
    # Where it is not known which, all that an answer needs are told.
    return [_NEEDED[name] for name in lacking or needed]
