"""What of a message may be a song: its audio files, or else one that it links to."""

import contextlib
import mimetypes
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

import discord
import msgspec
from msgspec.structs import replace

from bot.audio.names import file_name
from bot.chat.asked.interactions import NO_AUDIO, SOUNDS, address_part, attachment_part, ending_of, is_score
from bot.chat.shown.cards import PICTURE
from bot.chat.shown.modals import MOST_STEMS
from bot.errors import (
    InputError,
    MidiAlreadyError,
    NoAudioInMessageError,
    NothingGivenError,
    TooManyFilesError,
)
from bot.jobs.song_part import SongPart
from bot.music.errors import MidiAmongFilesError

MOST_LINKS = 5
"""Links that are looked behind: a song is among the first, or in none."""

_PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"}

_LINK = re.compile(r"https?://[^\s<>\"|]+", re.IGNORECASE)


class Found(msgspec.Struct, frozen=True):
    """The parts of one song, and the names of what was beside them and is not taken."""

    parts: list[SongPart]
    passed_over: tuple[str, ...] = ()


def song_in(message: discord.Message, max_mb: int, *, is_own: bool = False) -> Found:
    """The song of a message: its audio files are the parts; without any, the first link behind which there is audio.

    A picture beside a song is its cover, and is passed over without a word; so is the preview beside the MIDI file in an
    answer of the bot's own.

    Raises:
        InputError: there is none, or too many, or one that cannot be used.
    """
    others = _given(message, is_answer=is_own)
    for copy in message.message_snapshots:
        # Nobody says who wrote what is forwarded.
        others += _given(copy, is_answer=_shows_song(copy))
    sounding = [file for file in others if _may_sound(file)]
    links = _links(message)
    if not sounding and not links:
        # What it is shows inside, or its name says why it cannot be used.
        sounding = others
    if not sounding:
        return _linked(links, others)
    parts = stems_of(sounding, max_mb)
    left = [file.filename for file in others if file not in sounding]
    return Found(parts, _names([*left, *(part.name for part in _parts(links) if _promises_sound(part))]))


def _given(copy: discord.Message | discord.MessageSnapshot, *, is_answer: bool) -> list[discord.Attachment]:
    """The files that are no pictures. Of an answer of the bot's own its MIDI file; who gave one finds none there, but its preview."""
    files = [file for file in copy.attachments if not _is_picture(file)]
    if not is_answer:
        return files
    scores = [file for file in files if is_score(file.filename)]
    if not scores and _shows_song(copy):
        raise MidiAlreadyError
    return scores or files


def _shows_song(copy: discord.Message | discord.MessageSnapshot) -> bool:
    """Whether its embed has the picture of a song, as the bot's answers do; Discord puts an address before the file's name."""
    shown = (embed.image.url or "" for embed in copy.embeds)
    return any(address.partition("?")[0].rpartition("/")[2] == PICTURE for address in shown)


def stems_of(files: Sequence[discord.Attachment], max_mb: int) -> list[SongPart]:
    """Files as the parts of one song; a single one is the song.

    Raises:
        InputError: they are too many, or one of them cannot be used.
    """
    if not files:
        raise NothingGivenError
    if len(files) > MOST_STEMS:
        raise TooManyFilesError(count=len(files), limit=MOST_STEMS)
    parts = [attachment_part(file, max_mb) for file in files]
    if len(parts) > 1 and any(part.is_score for part in parts):
        raise MidiAmongFilesError
    return parts


def _linked(links: Sequence[str], files: Sequence[discord.Attachment]) -> Found:
    parts = _parts(links)
    if not parts:
        if links:
            address_part(links[0])  # says why not
        raise NoAudioInMessageError
    named = [part for part in parts if _promises_sound(part)]
    beside = [file.filename for file in files]
    if named:
        return Found(named[:1], _names(beside + [part.name for part in named[1:]]))
    first, *rest = parts[:MOST_LINKS]
    return Found([replace(first, alternatives=tuple(part.source or "" for part in rest))], _names(beside))


def _parts(links: Sequence[str]) -> list[SongPart]:
    """Each link that may lead to a song."""
    parts = []
    for link in links:
        with contextlib.suppress(InputError):
            parts.append(address_part(link))
    return parts


def _links(message: discord.Message) -> list[str]:
    """Every link of a message that is not to a picture, once."""
    found = (_without_markup(link) for text in _texts(message) for link in _LINK.findall(text))
    return list(dict.fromkeys(link for link in found if _ending(link) not in _PICTURES))


def _texts(message: discord.Message) -> Iterator[str]:
    """All that is written in a message, and in what it forwards."""
    copies: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for copy in copies:
        yield copy.content
        for embed in copy.embeds:
            yield from filter(None, (embed.url, embed.video.url, embed.description))
            yield from (field.value for field in embed.fields if field.value)


def _without_markup(link: str) -> str:
    """`[song](https://example.com/a.mp3)`, `**https://example.com/a.mp3**.`: what closes a link is none of it."""
    before = None
    while before != link:
        before = link
        link = link.rstrip(".,;:!?'*_~`]")
        if link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1]
    return link


def _ending(link: str) -> str:
    try:
        return PurePath(urlsplit(link).path).suffix.casefold()
    except ValueError:  # a bracket that is not closed
        return ""


def _promises_sound(part: SongPart) -> bool:
    return part.is_score or _ending(part.source or "") in SOUNDS


def _is_picture(file: discord.Attachment) -> bool:
    return (file.content_type or "").startswith("image/") or _suffix(file) in _PICTURES


def _may_sound(file: discord.Attachment) -> bool:
    if _suffix(file) in NO_AUDIO:
        return False
    kind = file.content_type or mimetypes.guess_type(file.filename)[0] or ""
    return (
        kind.startswith(("audio/", "video/", "application/ogg"))
        or _suffix(file) in SOUNDS
        or is_score(file.filename)
    )


def _suffix(file: discord.Attachment) -> str:
    return ending_of(file.filename)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(file_name(name) for name in given)
