"""A part of a song as sound, for those who cannot play a MIDI file where they read."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

import bot
from bot.music.encode import encode
from bot.music.song import Song
from bot.sound.engines import available
from bot.sound.errors import NoPreviewError, NothingToHearError, PreviewError, PreviewTooLargeError
from bot.sound.excerpt import excerpt
from bot.sound.liveliest import LEAD_SECONDS, liveliest
from bot.sound.request import Request

MOST_SECONDS = 600.0
"""Ten minutes take 290 MB in the process that renders them, and are 4.5 MB when encoded."""

_RING_SECONDS = 2.0
"""What the last note of a song is left to ring out."""

_FADE_OUT_SECONDS = 0.5

_PATIENCE_SECONDS = 60.0
"""Besides the length itself: 30 s of a full song take 1 s, on a small host with other work ten times that."""

_COMMAND: Final = (sys.executable, "-P", "-m", "bot.sound")
"""-P: what lies in the folder where the bot was started is not imported."""

_PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
)
"""A renderer needs no token and no key."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An Ogg file with Opus in it, and where in the song it begins."""

    ogg: bytes
    start_seconds: float
    seconds: float


async def preview(
    song: Song,
    *,
    start_seconds: float | None = None,
    seconds: float = 30.0,
    most_bytes: int = 8 * 1024 * 1024,
) -> Preview:
    """`seconds` of `song` from `start_seconds` on, or of its liveliest part; less where it ends sooner.

    Rendered in a process of its own, which ends with this call, however that ends. A process takes 100 MB: whoever
    calls decides how many there may be at once.

    Raises:
        NoPreviewError: no synthesizer, sound font or encoder is installed.
        NothingToHearError: no notes are in this part.
        PreviewTooLargeError: the file has more than `most_bytes`.
        PreviewError: the process failed, or took much longer than the sound is.
    """
    # Looking for packages reads files, and 100k notes take 10 ms to cut: neither belongs on the loop.
    part = await asyncio.to_thread(_part, song, start_seconds, min(seconds, MOST_SECONDS))
    ogg = await _rendered(part)
    if len(ogg) > most_bytes:
        raise PreviewTooLargeError(f"{len(ogg)} bytes are more than {most_bytes}")
    return Preview(ogg, part.start_seconds, part.request.seconds)


@dataclass(frozen=True, slots=True)
class _Part:
    """What is to be rendered."""

    midi: bytes
    start_seconds: float
    request: Request


def _part(song: Song, start_seconds: float | None, seconds: float) -> _Part:
    if reason := available():
        raise NoPreviewError(reason=reason)
    start = liveliest(song, seconds) if start_seconds is None else max(start_seconds, 0.0)
    notes = excerpt(song, start, seconds)
    if not notes.note_count:
        raise NothingToHearError(f"no notes in {seconds} s from {start} s on")
    length = min(seconds, notes.duration_seconds + _RING_SECONDS)
    request = Request(
        seconds=length,
        fade_in_seconds=LEAD_SECONDS if start else 0.0,
        fade_out_seconds=min(_FADE_OUT_SECONDS, length / 2),
    )
    return _Part(encode(notes, title=""), start, request)


async def _rendered(part: _Part) -> bytes:
    root = str(Path(bot.__file__).parent.parent)
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        msgspec.json.encode(part.request).decode(),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=environment | {"PYTHONPATH": root},
    )
    patience = _PATIENCE_SECONDS + part.request.seconds
    try:
        async with asyncio.timeout(patience):
            ogg, said = await process.communicate(part.midi)
    except TimeoutError:
        raise PreviewError(f"rendering took over {patience:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not ogg:
        raise PreviewError(
            f"the renderer ended with {process.returncode}: {said[-1000:].decode(errors='replace')}"
        )
    return ogg
