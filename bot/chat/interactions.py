"""What an interaction says of itself, as values that outlive it."""

import mimetypes
from datetime import datetime, timedelta
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

import discord

from bot.audio.names import file_name
from bot.clock import Clock
from bot.errors import (
    EmptyFileError,
    FileTooLargeError,
    NoAudioInMessageError,
    NotAudioError,
    TooManyFilesError,
)
from bot.jobs.model import Part, Reply, Source, Task
from bot.music.errors import MidiAmongFilesError

_TOKEN_LIFE = timedelta(minutes=15)
_MARGIN = timedelta(seconds=20)
"""Taken off a token's life, so that an edit does not start just before the end."""

MOST_STEMS = 10

_SCORES = {".mid", ".midi", ".kar", ".rmi"}

_NO_AUDIO = {
    ".csv", ".doc", ".docx", ".gif", ".html", ".jpeg", ".jpg", ".json", ".md", ".pdf", ".png", ".svg", ".txt",
    ".webp", ".zip",
}  # fmt: skip
"""Endings that are certainly no song. Everything else is judged by its content."""


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


def attachment_part(attachment: discord.Attachment, max_mb: int) -> Part:
    """A file of a message as a part of a song.

    Raises:
        InputError: what Discord says of the file shows already that it cannot be used.
    """
    given = attachment.filename
    name = file_name(given)
    ending = PurePath(given).suffix.casefold()
    if attachment.size == 0:
        raise EmptyFileError(name=name)
    if ending in _NO_AUDIO:
        raise NotAudioError(name=name)
    if attachment.size > max_mb * 1024**2:
        raise FileTooLargeError(name=name, limit_mb=max_mb)
    # The title is the name as the user had it, spaces and accents included.
    shown = f"{attachment.title}{ending}" if attachment.title else given
    return Part(kind=Source.ATTACHMENT, name=shown, source=attachment.url, is_score=_is_score(given))


def address_part(address: str) -> Part:
    """A song on the web; its file's name is known once it is fetched."""
    address = address.strip()
    try:
        name = unquote(PurePath(urlsplit(address).path).name)
    except ValueError:  # a bracket that is not closed: the fetcher says so to the person
        name = ""
    return Part(kind=Source.ADDRESS, name=name or "song", source=address, is_score=_is_score(name))


def task_part(task_id: str, now: datetime) -> Part:
    """A song whose separation is finished at the studio already."""
    separation = Task(sent_at=now, id=task_id.strip(), is_done=True)
    return Part(kind=Source.TASK, name="song", source=None, separation=separation)


def message_parts(message: discord.Message, max_mb: int) -> list[Part]:
    """The audio files of a message, as the parts of one song; or its MIDI file.

    Raises:
        InputError: it has none, or too many, or one that cannot be used.
    """
    found = [file for file in message.attachments if _may_sound(file)]
    if not found:
        raise NoAudioInMessageError
    if len(found) > MOST_STEMS:
        raise TooManyFilesError(count=len(found), limit=MOST_STEMS)
    parts = [attachment_part(file, max_mb) for file in found]
    if len(parts) > 1 and any(part.is_score for part in parts):
        raise MidiAmongFilesError
    return parts


def _may_sound(file: discord.Attachment) -> bool:
    kind = file.content_type or mimetypes.guess_type(file.filename)[0] or ""
    return kind.startswith(("audio/", "video/", "application/ogg")) or _is_score(file.filename)


def _is_score(name: str) -> bool:
    return PurePath(name).suffix.casefold() in _SCORES
