"""The page's first message: hello, with a song that nobody recorded. It is played here from the notes below."""

import io

import discord
import structlog

from bot.chat.shown.greeting import example_view, greeting
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


async def greet(world: World) -> None:
    """Post it, without the song where this machine can play none."""
    channel = world.bot.get_channel(world.channel.id)
    if not isinstance(channel, discord.TextChannel):
        raise TypeError(f"the page's channel is {channel!r}")
    try:
        heard = await preview(song(), start_seconds=0.0, sound_font=world.bot.settings.sound_font)
    except PreviewError as error:
        log.info("example.none", error=error.code, detail=error.detail)
        await channel.send(greeting(ENGLISH, has_menus=False))
        return
    file = discord.File(io.BytesIO(heard.ogg), NAME)
    await channel.send(
        greeting(ENGLISH, has_menus=False, has_example=True), file=file, view=example_view(ENGLISH)
    )
