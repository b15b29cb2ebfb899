"""What happens to a job in each state. Every step reads the job, does one outside thing, and writes what came of it.

A step may run twice, after a kill at any line, and must not hurt: what was done is in the row, and what is in
the row is not done again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import timedelta

import structlog
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.errors import JobTimeoutError, NoNotesError, PianolaError
from bot.jobs.courier import Courier, Sources
from bot.jobs.model import Job, State
from bot.jobs.naming import part_names
from bot.jobs.store import Store
from bot.jobs.tasks import Studio, StudioTasks
from bot.music.merge import merged
from bot.music.parse import read_notes
from bot.music.song import Song

log = structlog.get_logger(__name__)


class Steps:
    """The handlers of all states. `advance` is what the queue calls."""

    def __init__(
        self,
        store: Store,
        studio: Studio,
        sources: Sources,
        courier: Courier,
        *,
        tasks: StudioTasks,
        worker: Executor,
        clock: Clock = utc_now,
    ) -> None:
        """`worker` runs what would hold up the event loop: reading the notes of a long song."""
        self._store = store
        self._studio = studio
        self._sources = sources
        self._courier = courier
        self._tasks = tasks
        self._worker = worker
        self._clock = clock
        # Whole files are in memory while they go up: two at a time stay within a small host's.
        self._uploads = asyncio.Semaphore(2)
        self._by_state: dict[State, Callable[[Job], Awaitable[None]]] = {
            State.RECEIVED: self._begin,
            State.UPLOADING: self._upload,
            State.SEPARATING: self._separate,
            State.TRANSCRIBING: self._transcribe,
            State.RENDERING: self._render,
            State.DELIVERING: self._deliver,
        }

    async def advance(self, job_id: str) -> None:
        """Do the next step of a job; whatever a person should know of a failure reaches them."""
        job = await self._store.get(job_id)
        if job is None or job.state.is_final:
            return
        step = self._by_state[job.state]
        try:
            if self._clock() > job.deadline_at and job.state.rank < State.RENDERING.rank:
                waited = job.deadline_at - job.created_at
                raise JobTimeoutError(minutes=round(waited.total_seconds() / 60))
            await step(job)
        except PianolaError as error:
            log.warning("job.failed", job=job_id, state=job.state, error=error.code, detail=error.detail)
            await self.fail(job_id, error)

    async def fail(self, job_id: str, error: PianolaError) -> None:
        """End a job with a sentence for the person who asked."""
        job = await self._store.get(job_id)
        if job is None or job.state.is_final:
            return
        failed = replace(
            job.moved(State.FAILED, self._clock()), error_code=error.code, error_values=error.values
        )
        await self._courier.refuse(failed, error)
        await self._store.save(failed)

    async def give_up(self, job_id: str) -> None:
        """End a job whose handler failed again and again in a way nobody foresaw."""
        await self.fail(job_id, PianolaError("its step failed again and again"))

    async def _move(self, job: Job, state: State) -> Job:
        moved = await self._store.save(job.moved(state, self._clock()))
        log.info("job.moved", job=job.id, state=state)
        self._courier.show(moved)
        return moved

    async def _begin(self, job: Job) -> None:
        given_as_task = all(part.separation is not None for part in job.parts)
        await self._move(job, State.TRANSCRIBING if given_as_task else State.UPLOADING)

    async def _upload(self, job: Job) -> None:
        self._courier.show(job)
        for number, part in enumerate(job.parts):
            if part.upload_url is None:
                async with self._uploads:
                    audio = await self._sources.read(part)
                    url = await self._studio.upload(
                        audio.data, name=audio.name, folder=f"pianola/{job.id}/{number}"
                    )
                # The address of what was given opens somebody's private file: it is forgotten here.
                part_now = replace(part, upload_url=url, source=None)
                job = await self._store.save(job.with_part(number, part_now))
        await self._move(job, State.SEPARATING)

    async def _separate(self, job: Job) -> None:
        job, pause = await self._tasks.separate(job)
        if pause is None:
            await self._move(job, State.TRANSCRIBING)
        else:
            await self._wait(job, pause)

    async def _transcribe(self, job: Job) -> None:
        job, pause = await self._tasks.transcribe(job)
        if pause is None:
            job = await self._move(job, State.RENDERING)
            await self._render(job)
        else:
            await self._wait(job, pause)

    async def _wait(self, job: Job, pause: timedelta) -> None:
        await self._store.save(job, wake_in=pause)
        self._courier.show(job)

    async def _render(self, job: Job) -> None:
        song = await self._song(job)
        if not song.note_count:
            raise NoNotesError
        job = await self._move(job, State.DELIVERING)
        await self._post(job, song)

    async def _deliver(self, job: Job) -> None:
        await self._post(job, await self._song(job))

    async def _post(self, job: Job, song: Song) -> None:
        message_id = await self._courier.deliver(job, song)
        done = replace(job.moved(State.DONE, self._clock()), message_id=message_id)
        await self._store.save(done)
        log.info("job.done", job=job.id, notes=song.note_count)

    async def _song(self, job: Job) -> Song:
        bodies = await self._store.notes(job.id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, song_of, job, bodies)


def song_of(job: Job, bodies: dict[int, bytes]) -> Song:
    """One song from the notes of all parts. Parts of a several-part song keep the names of their files."""
    names = part_names([part.name for part in job.parts]) if len(job.parts) > 1 else [None]
    return merged(
        [(name, read_notes(bodies[number])) for number, name in enumerate(names) if number in bodies]
    )
