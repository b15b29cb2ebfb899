"""Songs that were transcribed, as cards: made anew from the stored notes, so that no credit is spent twice."""

import asyncio
from concurrent.futures import Executor

from bot.chat import cards
from bot.chat.cards import Card
from bot.clock import Clock, utc_now
from bot.jobs.model import Job
from bot.jobs.songs import Songs
from bot.music.song import Song


class Library:
    """Draws songs, off the event loop."""

    def __init__(self, songs: Songs, worker: Executor, clock: Clock = utc_now) -> None:
        """`worker` is one thread: drawing a long song would hold up the event loop."""
        self._songs = songs
        self._worker = worker
        self._clock = clock

    async def card(self, job: Job, song: Song) -> Card:
        """The card of a song."""
        ended = job.finished_at or self._clock()
        return await asyncio.get_running_loop().run_in_executor(self._worker, cards.result, job, song, ended)

    async def open(self, job: Job) -> Card:
        """The card of a job that ended earlier.

        Raises:
            NotesError: its notes cannot be read.
        """
        return await self.card(job, await self._songs.read(job))
