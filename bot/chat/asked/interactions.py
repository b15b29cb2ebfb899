"""What an interaction says of itself, as values that outlive it."""

from datetime import datetime, timedelta
from pathlib import PurePath

import discord

from bot.audio.addresses import read_address
from bot.audio.errors import (
    ArchiveGivenError,
    EmptyFileError,
    FileTooLargeError,
    NotAudioError,
    PlaylistGivenError,
)
from bot.audio.names import file_name
from bot.chat.shown.cards import SPOILER
from bot.clock import Clock
from bot.jobs.model import Reply
from bot.jobs.song_part import SongPart, Source, Task
from bot.music.names import is_drawn

_TOKEN_LIFE = timedelta(minutes=15)
_MARGIN = timedelta(seconds=20)
"""Taken off a token's life, so that an edit does not start just before the end."""

_SCORES = {".mid", ".midi", ".kar", ".rmi"}

ARCHIVES = {".7z", ".gz", ".rar", ".tar", ".zip"}
PLAYLISTS = {".m3u", ".m3u8", ".pls", ".xspf"}

NO_AUDIO = ARCHIVES | PLAYLISTS | {
    ".csv", ".doc", ".docx", ".gif", ".html", ".jpeg", ".jpg", ".json", ".md", ".pdf", ".png", ".svg", ".txt", ".webp",
}  # fmt: skip
"""Endings that are certainly no song. Everything else is judged by its content."""


SOUNDS = {
    ".3gp", ".aac", ".aif", ".aifc", ".aiff", ".amr", ".au", ".caf", ".flac", ".m4a", ".m4b", ".m4v", ".mka", ".mkv",
    ".mov", ".mp2", ".mp3", ".mp4", ".mpga", ".oga", ".ogg", ".opus", ".wav", ".weba", ".webm", ".wma",
}  # fmt: skip
"""Endings that promise sound, also where the machine's own list of types is short."""


def reply_of(interaction: discord.Interaction, clock: Clock) -> Reply:
    """Where and until when an interaction can be answered.

    The token's life is counted from now, not from the interaction's own date: that is another machine's clock.
    """
    return Reply(
        application_id=interaction.application_id,
        interaction_id=interaction.id,
        token=interaction.token,
        token_expires_at=clock() + _TOKEN_LIFE - _MARGIN,
        user_id=interaction.user.id,
        channel_id=interaction.channel_id,
        guild_id=interaction.guild_id,
        locale=str(interaction.locale),
        file_limit=interaction.filesize_limit,
        may_post=_may_post(interaction),
    )


def _may_post(interaction: discord.Interaction) -> bool:
    """Whether the bot itself may write in this channel, beside answering the interaction."""
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    if not interaction.is_guild_integration():
        return False
    allowed = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    may_send = allowed.send_messages_in_threads if in_thread else allowed.send_messages
    return allowed.view_channel and may_send and allowed.attach_files


def attachment_part(attachment: discord.Attachment, max_mb: int) -> SongPart:
    """A file of a message as a part of a song.

    Raises:
        InputError: what Discord says of the file shows already that it cannot be used.
    """
    given = attachment.filename.removeprefix(SPOILER)
    name = file_name(given)
    ending = ending_of(given)
    if attachment.size == 0:
        raise EmptyFileError(name=name)
    if ending in ARCHIVES:
        raise ArchiveGivenError(name=name)
    if ending in PLAYLISTS:
        raise PlaylistGivenError(name=name)
    if ending in NO_AUDIO:
        raise NotAudioError(name=name)
    if attachment.size > max_mb * 1024**2:
        raise FileTooLargeError(name=name, limit_mb=max_mb)
    # The title is the name as the user had it, spaces and accents included.
    title = (attachment.title or "").removeprefix(SPOILER)
    return SongPart(
        kind=Source.ATTACHMENT,
        name=f"{title}{ending}" if title else given,
        source=attachment.url,
        is_score=is_score(given),
        is_spoiler=attachment.is_spoiler(),
    )


def address_part(address: str) -> SongPart:
    """A song on the web; its file's name is known once it is fetched.

    Raises:
        InputError: it can be no address, or is known to be a page.
    """
    url = read_address(address)
    name = PurePath(url.path).name
    return SongPart(kind=Source.ADDRESS, name=name or "song", source=str(url), is_score=is_score(name))


def task_part(task_id: str, now: datetime) -> SongPart:
    """A song whose separation is finished at the studio already."""
    separation = Task(sent_at=now, id=task_id.strip(), is_done=True)
    return SongPart(kind=Source.TASK, name="song", source=None, separation=separation)


def is_score(name: str) -> bool:
    """Whether a file is named like MIDI."""
    return ending_of(name) in _SCORES


def ending_of(name: str) -> str:
    """The ending of a file's name, in small letters; also where Discord left nothing else, as of `ピアノ.mid`."""
    ending = PurePath(name).suffix.casefold()
    alone = f".{name.casefold()}"
    return alone if not ending and alone in _SCORES | SOUNDS | NO_AUDIO else ending


def seen(option: str | None) -> str | None:
    """What was typed into an option; None where that is only blanks."""
    return option if option and any(map(is_drawn, option)) else None
