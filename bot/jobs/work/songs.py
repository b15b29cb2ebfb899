"""The songs that jobs became: read from the stored notes whenever something is made of them."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from bot.jobs.model import Job
from bot.jobs.naming import part_names
from bot.jobs.storage.store import Store
from bot.jobs.work.places import Places, whose
from bot.jobs.work.workshop import BYTES_A_NOTE, Workshop
from bot.music.meter.chosen import with_bars, with_chosen
from bot.music.read.decode import BYTES_AN_EVENT, decode
from bot.music.read.wish import Wish, WithBars, wished
from bot.music.rehearsal import rehearse
from bot.music.song import Song
from bot.music.view.view import View
from bot.music.view.viewed import has_notes, viewed
from bot.rounds import Whose

_READY = 8
"""Songs that are read and not yet delivered; one of 400 000 notes is 7 MB."""


class Songs:
    """Reads songs, off the event loop."""

    def __init__(self, store: Store, workshop: Workshop) -> None:
        self._store = store
        self._workshop = workshop
        # The notes of a long song are 32 MB: they are fetched when it is their turn.
        self._turns = Places(2)
        self._ready: dict[str, Song] = {}
        self._is_warm = False

    def warm_up(self) -> None:
        """Have loaded what is worked on notes with, while there are none yet; whoever asks again asks for nothing."""
        if not self._is_warm:
            self._is_warm = True
            self._workshop.prepare(rehearse)

    async def read(self, job: Job, *, reader: Whose | None = None) -> Song:
        """The notes of a job as one song, with the instruments and in the view that its asker says; without notes, an empty one.

        It is `reader`'s turn, or that of who asked for it.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        kept = job.kept_bars
        bars = kept.put_on if kept and kept.are_current else partial(with_bars, chosen=job.bars)
        return await self._as(job, Wish(job.said, bars, job.view), reader)

    async def whole(self, job: Job, *, reader: Whose | None = None) -> Song:
        """The same with nothing left out, and in the key that was heard.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        return await self.read(replace(job, view=None), reader=reader)

    async def heard(self, job: Job) -> Song:
        """The same as it was heard, and without bars.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        return await self._as(job, Wish())

    async def of(self, job: Job, bodies: Mapping[int, bytes], *, chooses_bars: bool = False) -> Song:
        """The whole song that a job would be with these notes. `chooses_bars`: its bars are a wish that can be refused.

        Raises:
            NotesError: they cannot be read.
            NoBeatError, FirstBarUnclearError: the bars that are chosen are none of it.
        """
        bars: WithBars = partial(with_bars, chosen=job.bars)
        if chooses_bars and job.bars:
            bars = partial(with_chosen, chosen=job.bars)
        async with self._turns.place(whose(job)):
            return await self._made(job, bodies, Wish(job.said, bars), whose(job))

    async def _as(self, job: Job, wish: Wish, reader: Whose | None = None) -> Song:
        reader = reader or whose(job)
        async with self._turns.place(reader):
            return await self._made(job, await self._store.notes(job.id), wish, reader)

    async def _made(self, job: Job, bodies: Mapping[int, bytes], wish: Wish, reader: Whose) -> Song:
        parts = [(name, bodies.get(number, b"")) for number, name in enumerate(_names(job))] if bodies else []
        notes = sum(map(len, bodies.values())) // BYTES_A_NOTE
        return await self._workshop.do(reader, notes, wished, parts, wish)

    async def are_kept(self, job: Job) -> bool:
        """Whether nobody deleted the job's song."""
        return await self._store.get(job.id) is not None

    async def sounds_in(self, job: Job, song: Song, view: View) -> bool:
        """Whether there is anything to hear in a view of a job's whole song."""
        return await self._workshop.do(whose(job), song.note_count, has_notes, song, view)

    async def prepare(self, job: Job) -> Song:
        """Read the whole song of a job that is about to be delivered: `prepared` need not read it again.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        song = await self.whole(job)
        self._ready[job.id] = song
        while len(self._ready) > _READY:
            del self._ready[next(iter(self._ready))]
        return song

    async def prepared(self, job: Job) -> Song:
        """The song that was prepared, as it is to be shown; read now where that was in another process or long ago.

        Raises:
            NotesError: what the studio sent cannot be read.
        """
        song = self._ready.pop(job.id, None)
        if song is None:
            return await self.read(job)
        if job.view is None:
            return song
        return await self._workshop.do(whose(job), song.note_count, viewed, song, job.view)

    async def keep_score(self, job: Job, midi: bytes) -> None:
        """Keep the notes of a MIDI file as those of the job's only part; a second time changes nothing.

        Raises:
            InputError: nothing in it can be read, it has no notes, or it is more than a song.
        """
        events = len(midi) // BYTES_AN_EVENT
        notes = await self._workshop.do(whose(job), events, decode, midi, job.reply.locale)
        await self._store.keep_notes(job.id, 0, notes)


def _names(job: Job) -> Sequence[str | None]:
    """What names the one instrument of each part: its asker, or its file where there are several."""
    own = part_names([part.name for part in job.parts]) if len(job.parts) > 1 else [None]
    return [part.instrument or name for part, name in zip(job.parts, own, strict=True)]
