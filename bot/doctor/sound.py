"""Whether previews can be made here, by making one second of one."""

import asyncio
from collections.abc import AsyncIterator

from bot.errors import PianolaError
from bot.findings import Finding, Grade
from bot.language import text
from bot.music.song import Note, Song, Track
from bot.settings import Settings
from bot.sound.engines import available
from bot.sound.preview import preview

_ADVICE = "Install fluidsynth, ffmpeg and a sound font (timgm6mb-soundfont), or switch previews off: PREVIEW_SECONDS=0"


async def installed(settings: Settings) -> Finding:
    """Whether what a preview needs is there; nothing is played."""
    if not settings.preview_seconds:
        return Finding(Grade.FINE, text("previews are switched off (PREVIEW_SECONDS)"))
    if missing := await asyncio.to_thread(available, settings.sound_font):
        return Finding(Grade.WEAK, text("no preview: {missing}"), {"missing": missing}, _ADVICE)
    return Finding(Grade.FINE, text("previews can be made"))


async def sound(settings: Settings) -> AsyncIterator[Finding]:
    """Whether a preview comes out."""
    found = await installed(settings)
    if found.grade is Grade.FINE and settings.preview_seconds:
        found = await _one_second(settings)
    yield found


async def _one_second(settings: Settings) -> Finding:
    chord = [Note(pitch, 0.0, 1.0, 90) for pitch in (60, 64, 67)]
    try:
        made = await preview(Song((Track.of(chord),)), seconds=1.0, sound_font=settings.sound_font)
    except PianolaError as error:
        reason = str(error)
        return Finding(
            Grade.WEAK, "no preview: one second of it failed ({reason})", {"reason": reason}, _ADVICE
        )
    return Finding(Grade.FINE, "previews: one second took {bytes} bytes", {"bytes": len(made.ogg)})
