"""What people give, on its way to the studio: read where nobody waits for it, and sent up in turns."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import blake2b

from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart
from bot.jobs.storage.store import Store
from bot.jobs.work.deadline import deadline_of
from bot.jobs.work.outside import Audio, Sources
from bot.jobs.work.places import Places, whose
from bot.jobs.work.songs import Songs
from bot.jobs.work.studios import Studios
from bot.jobs.work.upload_names import upload_name
from bot.music.errors import MidiAmongFilesError

READERS = 6
"""Files that are being read at once. They lie on disk; a slow one holds nobody up but who gave it."""

SENDERS = 2
"""Files that go up at once: they share one way out. Who waits to send still holds the place of a reader, so that never
more than eight files are on disk."""

FOLDER = "pianola"


def _tagged(job: Job, number: int, given: Audio) -> Job:
    """The job with the title and the cover that its only file has; what somebody hid is not told by its tags."""
    if len(job.parts) > 1 or job.is_spoiler:
        return job
    job = job.with_part(number, replace(job.parts[number], cover=given.cover))
    return replace(job, title=given.title or job.title)


class Uploads:
    """Brings parts of songs to a studio, and takes over the notes of MIDI files."""

    def __init__(
        self, store: Store, studios: Studios, sources: Sources, songs: Songs, *, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._studios = studios
        self._sources = sources
        self._songs = songs
        self._clock = clock
        self._readers = Places(READERS, each=1)
        self._senders = Places(SENDERS, each=1)
        self._salt = secrets.token_bytes(16)

    async def score(self, job: Job) -> Job | None:
        """The job with the notes of its MIDI file kept; None: it is named like one, and is none.

        Raises:
            InputError: it cannot be had or read.
            JobTimeoutError: it took too long.
        """
        async with deadline_of(job, self._clock), self._read(job, job.parts[0]) as (given, _):
            return await self._taken_over(job, given) if given.is_score else None

    async def send(self, job: Job) -> tuple[Job, bool]:
        """The job with all of its files at the studio; and whether it turned out to be a MIDI file, whose notes are kept.

        Raises:
            InputError: one of them cannot be had or used.
            StudioError: it does not take them.
            JobTimeoutError: it took too long.
        """
        async with deadline_of(job, self._clock):
            for number, part in enumerate(job.parts):
                if not part.needs_upload:
                    continue
                async with self._read(job, part) as (given, reading):
                    if given.is_score:
                        return await self._taken_over(job, given), True
                    job = await self._sent(job, number, given, reading)
        return job, False

    @asynccontextmanager
    async def _read(self, job: Job, part: SongPart) -> AsyncIterator[tuple[Audio, AsyncExitStack]]:
        """A part's file; the stack gives back the place of who reads it."""
        async with AsyncExitStack() as reading:
            await reading.enter_async_context(self._readers.place(whose(job)))
            async with self._sources.read(part) as given:
                yield given, reading

    async def _sent(self, job: Job, number: int, given: Audio, reading: AsyncExitStack) -> Job:
        part = job.parts[number]
        # Random, because equal names overwrite one another there.
        names = [given.name if place == number else each.name for place, each in enumerate(job.parts)]
        name = f"{job.id}-{number}_-_{upload_name(names, number)}"
        studio = await self._studios.of(job)
        async with self._senders.place(whose(job)):
            await reading.aclose()
            url = await studio.upload(given.file, name=name, folder=self._folder(job))
        # The address of what was given opens somebody's private file: it is forgotten as soon as nothing needs it.
        source = part.source if self._studios.beside(job) else None
        uploaded = replace(
            part, name=given.name, upload_url=url, source=source, alternatives=(), seconds=given.seconds
        )
        return await self._store.save(_tagged(job.with_part(number, uploaded), number, given))

    def _folder(self, job: Job) -> str:
        """Where the file goes. A studio of our own takes people in turns by it; kie.ai is not told who is who."""
        if not self._studios.is_ours(job):
            return FOLDER
        asker = whose(job)
        return "/".join(
            (
                FOLDER,
                self._mark(asker.person if asker.server is None else asker.server),
                self._mark(asker.person),
            )
        )

    def _mark(self, whom: object) -> str:
        """A word that stands for somebody while this process lives."""
        return blake2b(str(whom).encode(), key=self._salt, digest_size=8).hexdigest()

    async def _taken_over(self, job: Job, score: Audio) -> Job:
        """Keep the notes of a MIDI file: nothing is left to be heard in it."""
        if len(job.parts) > 1:
            raise MidiAmongFilesError
        await self._songs.keep_score(job, await asyncio.to_thread(score.file.read))
        part = replace(job.parts[0], name=score.name, source=None, alternatives=(), is_score=True)
        return job.with_part(0, part)
