"""The recordings that songs were made of, for as long as a studio has them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import structlog

from bot.audio.fetch import Fetcher
from bot.clock import Clock, utc_now
from bot.errors import InputError
from bot.jobs.model import Job
from bot.jobs.work.places import Places
from bot.jobs.work.studios import Studios
from bot.rounds import Whose
from bot.sound.errors import SoundGoneError
from bot.sound.original import decodes

log = structlog.get_logger(__name__)

_AT_KIE = timedelta(hours=24)
"""kie.ai says three days, and on another page that addresses end after one."""

_AT_ONCE = 2
"""Files of up to `MAX_SONG_MB` on disk; one is fetched while the other is listened to."""


class Originals:
    """Fetches them to be heard beside the notes; what is fetched is gone as soon as it was."""

    def __init__(
        self,
        fetcher: Fetcher,
        studios: Studios,
        *,
        keep_for: timedelta,
        max_mb: int,
        folder: Path | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`keep_for` is how long a studio of ours keeps sound; files of up to `max_mb` are put into `folder` meanwhile."""
        self._fetcher = fetcher
        self._studios = studios
        self._keep_for = keep_for
        self._max_bytes = max_mb << 20
        self._folder = folder
        self._clock = clock
        self._places = Places(_AT_ONCE)

    async def has(self, job: Job) -> bool:
        """Whether there should be one, and it can be played: of one file, which was not sent too long ago."""
        is_there = _address(job) is not None and self._clock() - job.created_at < self._kept_for(job)
        return is_there and await asyncio.to_thread(decodes)

    @asynccontextmanager
    async def read(self, job: Job, *, wanted_by: Whose) -> AsyncIterator[BinaryIO]:
        """An open file with it, when it is the turn of who wants it, there until the block is left.

        Raises:
            SoundGoneError: the studio has it no more.
        """
        async with self._places.place(wanted_by):
            file = await asyncio.to_thread(self._new_file)
            try:
                await self._fetch(job, file)
                yield file
            finally:
                await asyncio.to_thread(file.close)

    async def _fetch(self, job: Job, file: BinaryIO) -> None:
        address = _address(job)
        gone = SoundGoneError(hours=self._kept_for(job) // timedelta(hours=1))
        if address is None:
            raise gone
        try:
            at = self._studios.kept_at(address)
            async with self._fetcher.fetch(at, max_bytes=self._max_bytes) as download:
                async for chunk in download.chunks:
                    await asyncio.to_thread(file.write, chunk)
        except InputError as error:
            log.info("original.none", job=job.id, error=error.code, detail=error.detail)
            raise gone from error
        await asyncio.to_thread(file.flush)

    def _new_file(self) -> BinaryIO:
        folder = self._folder if self._folder and self._folder.is_dir() else None
        return tempfile.TemporaryFile(dir=folder)

    def _kept_for(self, job: Job) -> timedelta:
        return self._keep_for if self._studios.is_ours(job) else _AT_KIE


def _address(job: Job) -> str | None:
    """Where the one recording of a song is; several are stems, which nobody hears as the song."""
    return job.parts[0].upload_url if len(job.parts) == 1 else None
