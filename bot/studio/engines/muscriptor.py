"""MuScriptor as the engine: a `muscriptor serve` that the owner runs, asked through its HTTP API.

Written against its version 0.4: `POST /transcribe` takes a file and answers with a stream of events. It does one song at a time
and says 503 meanwhile.
"""

import asyncio
import hashlib
import logging
import os
import platform
import tempfile
import wave
from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, FormData
from aiohttp.http_exceptions import LineTooLong

from bot.kie.song_errors import EngineAwayError, EngineBusyError, SongCrashedError
from bot.studio.engine import Instruments, NotHeardError, Progress, Song, Wanted
from bot.studio.engines import events
from bot.studio.engines.events import Note
from bot.studio.engines.groups import DRUMS, group_of, name_of
from bot.studio.transcriber import decode, result
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.heard import Played
from bot.studio.transcriber.kit import Hit
from bot.studio.transcriber.tracks import DRUMS as DRUMS_TRACK
from bot.studio.whole import write_whole
from bot.version import USER_AGENT

log = logging.getLogger(__name__)

PATIENCE: Final = ClientTimeout(total=None, sock_connect=10, sock_read=100)
"""A chunk of 5 s takes a processor some 20 s; a server that says nothing for 100 does nothing."""

BUSY_PAUSES_SECONDS: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 30.0)
"""Somebody else's song, say in its web page, takes half a minute to two."""

LONGEST_LINE_BYTES: Final = 2 << 20
"""The last event holds all notes as a MIDI file in base64: 1 MB for half an hour of the busiest music. aiohttp takes lines of
twice this."""

VELOCITY: Final = 100 / 127
"""It does not tell how loud notes are."""


class _Heard(msgspec.Struct):
    """What is kept: the groups that the server was held to (none: it was free), and all notes by start."""

    groups: list[str]
    notes: list[Note]


class MuScriptor:
    """The server at `url`. It gets the sound as a plain wav: files from strangers are opened in this process alone."""

    def __init__(
        self, url: str, folder: Path, *, pauses_seconds: Sequence[float] = BUSY_PAUSES_SECONDS
    ) -> None:
        """Ask nothing yet. The sound lies in `folder`, in a file without a name, while it is sent."""
        self._url = url
        self._folder = folder
        self._pauses_seconds = pauses_seconds
        # A song that this very installation left, because it was stopped, gives way to the next one.
        self._client = hashlib.sha256(f"{platform.node()} {folder.resolve()}".encode()).hexdigest()[:32]

    def transcribe(
        self, song: Song, wanted: Wanted, progress: Progress, *, kept: Path | None = None
    ) -> Instruments:
        """As `Engine.transcribe`.

        Raises:
            EngineAwayError: the server does not answer, or refuses.
            EngineBusyError: it was busy with others' songs for a minute and a half.
            SongCrashedError: it broke off.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        groups = _groups(wanted)
        with tempfile.TemporaryFile(dir=self._folder) as sound:
            _write(sound, decode.blocks(song.path, limit_seconds=song.limit_seconds))
            heard = _Heard(groups, asyncio.run(self._notes(sound, groups, progress)))
        if kept:
            write_whole(kept, msgspec.json.encode(heard))
        return _told(heard, wanted)

    def told_anew(self, kept: Path, wanted: Wanted) -> Instruments:
        """As `Engine.told_anew`; it knows one strength only."""
        try:
            heard = msgspec.json.decode(kept.read_bytes(), type=_Heard)
        except (OSError, ValueError) as error:
            raise NotHeardError(str(error)) from error
        if heard.groups != _groups(wanted):
            raise NotHeardError
        return _told(heard, wanted)

    async def _notes(self, sound: IO[bytes], groups: list[str], progress: Progress) -> list[Note]:
        headers = {"User-Agent": USER_AGENT, "X-Client-Id": self._client}
        try:
            async with ClientSession(
                timeout=PATIENCE, headers=headers, read_bufsize=LONGEST_LINE_BYTES
            ) as session:
                for pause in (0.0, *self._pauses_seconds):
                    await asyncio.sleep(pause)
                    async with session.post(
                        f"{self._url}/transcribe", data=_form(sound, groups), allow_redirects=False
                    ) as answer:
                        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                            await _require_ok(answer)
                            return await events.notes(_lines(answer), progress)
        except (ClientError, TimeoutError) as error:
            log.warning("the engine cannot be reached: %r", error)
            raise EngineAwayError from error
        raise EngineBusyError


def _groups(wanted: Wanted) -> list[str]:
    """What the server is held to, where it is known what plays."""
    if wanted.drum_kit:
        return [DRUMS]
    group = None if wanted.mix else group_of(wanted.instrument)
    return [group] if group else []


def _write(file: IO[bytes], blocks: Iterable[Samples]) -> None:
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(decode.RATE_HZ)
        for block in blocks:
            written.writeframes((block.clip(-1, 1) * 32_767).astype("<i2").tobytes())


def _form(sound: IO[bytes], groups: list[str]) -> FormData:
    sound.flush()
    # aiohttp closes what it has sent, and a busy server is asked again.
    once = os.fdopen(os.dup(sound.fileno()), "rb")
    once.seek(0)
    form = FormData()
    form.add_field("file", once, filename="song.wav", content_type="audio/wav")
    for group in groups:
        form.add_field("instruments", group)
    return form


async def _require_ok(answer: ClientResponse) -> None:
    if answer.status != HTTPStatus.OK:
        said = (await answer.content.read(1000)).decode(errors="replace")
        log.warning("the engine refused with %d: %s", answer.status, said)
        raise EngineAwayError


async def _lines(answer: ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for line in answer.content:
            yield line
    except (LineTooLong, ValueError) as error:
        raise SongCrashedError(f"the engine said a line of over {2 * LONGEST_LINE_BYTES} bytes") from error


def _told(heard: _Heard, wanted: Wanted) -> Instruments:
    strokes = result.from_hits([Hit(n.start, n.pitch, VELOCITY) for n in heard.notes if n.group == DRUMS])
    pitched = [note for note in heard.notes if note.group != DRUMS]
    if wanted.drum_kit:
        return result.of({wanted.instrument: strokes})
    if not wanted.mix:
        return result.of({wanted.instrument: result.from_notes(_played(pitched))})
    tracks: dict[str, list[Note]] = {}
    for note in pitched:
        tracks.setdefault(name_of(note.group), []).append(note)
    named = {name: result.from_notes(_played(notes)) for name, notes in tracks.items()}
    return result.of(named | {DRUMS_TRACK: strokes})


def _played(notes: Iterable[Note]) -> list[Played]:
    return [Played(note.start, note.end, note.pitch, VELOCITY) for note in notes]
