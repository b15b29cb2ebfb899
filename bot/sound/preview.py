"""A part of a song as sound, for those who cannot play a MIDI file where they read."""

import asyncio
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from bot.helper import HelperError, answer
from bot.music.song import Song
from bot.music.view.excerpt import excerpt
from bot.music.write.encode import encode
from bot.sound.engines import available
from bot.sound.errors import (
    NoOriginalError,
    NoPreviewError,
    NothingToHearError,
    PreviewError,
    PreviewTooLargeError,
)
from bot.sound.liveliest import LEAD_SECONDS, liveliest
from bot.sound.request import Request

MOST_SECONDS = 600.0
"""Ten minutes take 290 MB in the process that renders them, and are 4.5 MB when encoded."""

_RING_SECONDS = 2.0
"""What the last note of a song is left to ring out."""

_FADE_OUT_SECONDS = 0.5

_PATIENCE_SECONDS = 60.0
"""Besides the length itself: 30 s of a full song take 1 s, on a small host with other work ten times that."""

_RENDERER: Final = ("-m", "bot.sound")


class Preview(msgspec.Struct, frozen=True):
    """An Ogg file with Opus in it, and where in the song it begins."""

    ogg: bytes
    start_seconds: float
    seconds: float


class Beside(msgspec.Struct, frozen=True):
    """An open file with the recording, of which the song begins at `begins_seconds`."""

    file: BinaryIO
    begins_seconds: float = 0.0


async def preview(
    song: Song,
    *,
    start_seconds: float | None = None,
    seconds: float = 30.0,
    most_bytes: int = 8 * 1024 * 1024,
    sound_font: Path | None = None,
    beside: Beside | None = None,
) -> Preview:
    """`seconds` of `song` from `start_seconds` on, or of its liveliest part; less where it ends sooner.

    Rendered in a process of its own, which ends with this call, however that ends. A process takes 100 MB: whoever
    calls decides how many there may be at once.

    Raises:
        NoPreviewError: no synthesizer, sound font or encoder is installed.
        NothingToHearError: no notes are in this part.
        PreviewTooLargeError: the file has more than `most_bytes`.
        NoOriginalError: the recording `beside` it cannot be read.
        PreviewError: the process failed, or took much longer than the sound is.
    """
    # Looking for packages reads files, and 100k notes take 10 ms to cut: neither belongs on the loop.
    part = await asyncio.to_thread(_part, song, start_seconds, min(seconds, MOST_SECONDS), sound_font)
    ogg = await _rendered(part, beside)
    if len(ogg) > most_bytes:
        raise PreviewTooLargeError(f"{len(ogg)} bytes are more than {most_bytes}")
    return Preview(ogg, part.start_seconds, part.request.seconds)


class _Part(msgspec.Struct, frozen=True):
    """What is to be rendered."""

    midi: bytes
    start_seconds: float
    request: Request


def _part(song: Song, start_seconds: float | None, seconds: float, sound_font: Path | None) -> _Part:
    if reason := available(sound_font):
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
        sound_font=str(sound_font.resolve()) if sound_font else None,
    )
    return _Part(encode(notes, title=""), start, request)


async def _rendered(part: _Part, beside: Beside | None) -> bytes:
    asked, patience = part.request, _PATIENCE_SECONDS + part.request.seconds
    lent: tuple[int, ...] = ()
    if beside is not None:
        start = beside.begins_seconds + part.start_seconds
        asked = replace(asked, original=beside.file.fileno(), original_start_seconds=start)
        lent = (beside.file.fileno(),)
    request = msgspec.json.encode(asked).decode()
    try:
        return await answer(*_RENDERER, request, given=part.midi, seconds=patience, lent=lent)
    except HelperError as error:
        if beside is not None and NoOriginalError.__name__ in str(error):
            raise NoOriginalError(str(error)) from error
        raise PreviewError(f"rendering failed: {error}") from error
