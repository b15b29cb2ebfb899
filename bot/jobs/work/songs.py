"""The songs that jobs became: read from the stored notes whenever something is made of them."""

import asyncio

from bot.jobs.model import Job
from bot.jobs.naming import part_names
from bot.jobs.storage.store import Store
from bot.jobs.work.workshop import BYTES_A_NOTE, Workshop
from bot.music.decode import BYTES_AN_EVENT, decode
from bot.music.merge import merged
from bot.music.parse import read_notes
from bot.music.song import Song


class Songs:
    """Reads songs, off the event loop."""

    def __init__(self, store: Store, workshop: Workshop) -> None:
        self._store = store
        self._workshop = workshop
        # The notes of a long song are 32 MB: they are fetched when it is their turn.
        self._turns = asyncio.Semaphore(2)

    async def read(self, job: Job) -> Song:
        """The notes of a job as one song; without notes, an empty one.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        async with self._turns:
            bodies = await self._store.notes(job.id)
            notes = sum(map(len, bodies.values())) // BYTES_A_NOTE
            return await self._workshop.do(notes, _merge, job, bodies)

    async def keep_score(self, job: Job, midi: bytes) -> None:
        """Keep the notes of a MIDI file as those of the job's only part; a second time changes nothing.

        Raises:
            InputError: nothing in it can be read, it has no notes, or it is more than a song.
        """
        notes = await self._workshop.do(len(midi) // BYTES_AN_EVENT, decode, midi)
        await self._store.keep_notes(job.id, 0, notes)


def _merge(job: Job, bodies: dict[int, bytes]) -> Song:
    """Parts of a several-part song keep the names of their files."""
    names = part_names([part.name for part in job.parts]) if len(job.parts) > 1 else [None]
    return merged(
        [(name, read_notes(bodies[number])) for number, name in enumerate(names) if number in bodies]
    )
