"""Songs that were transcribed, as cards: made anew from the stored notes, so that no credit is spent twice."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.chat import cards
from bot.chat.cards import Card
from bot.clock import Clock, utc_now
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.jobs.songs import Songs
from bot.jobs.workshop import Workshop
from bot.music.song import Song
from bot.sound.errors import PreviewError
from bot.sound.preview import preview

log = structlog.get_logger(__name__)

Made = TypeVar("Made")


class Library:
    """Draws songs, off the event loop."""

    def __init__(
        self, songs: Songs, workshop: Workshop, *, preview_seconds: float, clock: Clock = utc_now
    ) -> None:
        """`preview_seconds` 0: no previews."""
        self._songs = songs
        self._workshop = workshop
        self._preview_seconds = preview_seconds
        self._clock = clock
        # Each is a process of 100 MB.
        self._previewing = asyncio.Semaphore(1)

    async def card(self, job: Job, song: Song) -> Card:
        """The card of a song."""
        ended = job.finished_at or self._clock()
        return await self._workshop.do(song.note_count, cards.result, job, song, ended)

    async def with_preview(self, card: Card, job: Job, song: Song) -> Card:
        """The card with something to listen to, where this machine can make it."""
        if not self._preview_seconds:
            return card
        try:
            async with self._previewing:
                heard = await preview(song, seconds=self._preview_seconds, most_bytes=job.reply.file_limit)
        except PreviewError as error:
            log.info("preview.none", job=job.id, error=error.code, detail=error.detail)
            return card
        return cards.with_preview(card, job, heard)

    async def open(self, job: Job) -> Card:
        """The whole card of a job that ended earlier.

        Raises:
            SongGoneError: its notes are not kept any more.
            NotesError: its notes cannot be read.
        """
        song = await self._read(job)
        return await self.with_preview(await self.card(job, song), job, song)

    async def made(self, job: Job, make: Callable[[Job, Song], Made]) -> Made:
        """What `make` makes of a song that ended earlier.

        Raises:
            SongGoneError: its notes are not kept any more.
            NotesError: its notes cannot be read.
        """
        song = await self._read(job)
        return await self._workshop.do(song.note_count, make, job, song)

    async def _read(self, job: Job) -> Song:
        song = await self._songs.read(job)
        if not song.tracks:
            # No song without notes ever ends well: somebody deleted it a moment ago.
            raise SongGoneError
        return song
