"""The page's first message: hello, with a song that nobody recorded. It is played here from the notes below."""

import io
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.chat.shown.pianola.greeting import example_view, greeting
from bot.chat.shown.song_list import listed
from bot.language import ENGLISH
from bot.music.song import Note, Song, Track
from bot.playground.world import World
from bot.sound.errors import PreviewError
from bot.sound.preview import preview

log = structlog.get_logger(__name__)

NAME = "Example song.ogg"

_BEAT_SECONDS = 0.5

_TUNE = (76, 74, 72, 67, 69, 72, 74, 76, 79, 76, 74, 72, 74, 71, 72)
"""C major, a beat each; the last rings for two."""

_BASS = (48, 45, 41, 43, 48, 45, 43, 48)
"""Two beats each: C, A minor, F, G, and home."""


def song() -> Song:
    """Eight seconds of piano."""
    tune = [_note(pitch, beat, 2 if beat == len(_TUNE) - 1 else 1, 96) for beat, pitch in enumerate(_TUNE)]
    bass = [_note(pitch, 2 * bar, 2, 72) for bar, pitch in enumerate(_BASS)]
    return Song((Track.of(sorted([*tune, *bass], key=lambda note: note.start_seconds), name="Piano"),))


def _note(pitch: int, beat: int, beats: int, velocity: int) -> Note:
    return Note(pitch, beat * _BEAT_SECONDS, (beat + 0.95 * beats) * _BEAT_SECONDS, velocity)


async def greet(world: World, opened: Callable[[], Awaitable[None]] | None = None) -> None:
    """Post it once somebody has `opened` the page, without the song where this machine can play none, and what is kept from before."""
    channel = world.bot.get_channel(world.channel.id)
    if not isinstance(channel, discord.TextChannel):
        raise TypeError(f"the page's channel is {channel!r}")
    file = await _example(world)
    if opened:
        await opened()
    if file:
        said = greeting(ENGLISH, has_menus=False, has_example=True)
        await channel.send(said, file=file, view=example_view(ENGLISH))
    else:
        await channel.send(greeting(ENGLISH, has_menus=False))
    page = await world.bot.kept_songs.page(world.person.id, 0)
    if page.songs:
        # simcord's channel is empty at each start.
        sheet = listed(page, world.bot.kept_songs, ENGLISH)
        await channel.send(embed=sheet.embed, view=sheet.view or discord.utils.MISSING)


async def _example(world: World) -> discord.File | None:
    try:
        heard = await preview(song(), start_seconds=0.0, sound_font=world.bot.settings.sound_font)
    except PreviewError as error:
        log.info("example.none", error=error.code, detail=error.detail)
        return None
    return discord.File(io.BytesIO(heard.ogg), NAME)
