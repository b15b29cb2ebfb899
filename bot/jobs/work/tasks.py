"""The two kinds of task a job has at the studio, separation and MIDI: sent once, then watched to their end.

The result comes by a callback or by looking. A callback is a hint, because its body is not signed: the record is
read with our own key, and only where that gives no notes is the kept body used.
"""

import random
from datetime import timedelta

import structlog
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.errors import InputError, PianolaError, SongGoneError, StudioError, TaskLostError
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.callbacks import Callbacks
from bot.jobs.work.looks import attempt, glance
from bot.jobs.work.stem_choice import audio_id, unseen_audio_id
from bot.jobs.work.studios import Studios
from bot.kie.client import MOST_NOTES_BYTES
from bot.kie.errors import BusyError, NotFoundError, TooLargeNotesError, UnclearOutcomeError, failure
from bot.kie.payloads import MidiRecord, Progress, SeparationRecord
from bot.kie.separation import Separation

log = structlog.get_logger(__name__)

SEPARATION, MIDI = "separation", "midi"

NO_CALLBACK = "https://example.com/no-callback"
"""kie wants an address even from a program that none reaches; this one takes nothing and names nothing."""

NOWHERE = "http://127.0.0.1:9/no-callback"
"""The same for a built-in studio, which is looked at until it is done: the discard port, at which nobody listens."""

_BUSY_PAUSE = timedelta(seconds=15)
"""kie counts requests over 10 s and wants a full window without them."""

_GRACE = timedelta(seconds=60)
"""How long a new task may be unknown to its own record: kie's records appear after the submission's answer."""

_UNCLEAR = timedelta(minutes=5)
"""How long a submission without an answer waits for its callback before the job is given up."""


class StudioTasks:
    """Sends and watches the tasks of a job, part by part."""

    def __init__(
        self,
        store: Store,
        studios: Studios,
        *,
        callback_base: str | None,
        poll_every: timedelta,
        clock: Clock = utc_now,
    ) -> None:
        """`callback_base` None: nobody reaches this process; the job may know one that is reached."""
        self._store = store
        self._studios = studios
        self._callback_base = callback_base
        self._poll_every = poll_every
        self._callbacks = Callbacks(store.inbox, clock)
        self._clock = clock

    async def separate(self, job: Job) -> tuple[Job, timedelta | None]:
        """Bring the separation of every part forward; returns when to come again, None when all are there."""
        return await self._forward(job, SEPARATION)

    async def transcribe(self, job: Job) -> tuple[Job, timedelta | None]:
        """Bring the MIDI task of every part forward; notes that came are kept in the store."""
        return await self._forward(job, MIDI)

    async def _forward(self, job: Job, step: str) -> tuple[Job, timedelta | None]:
        for number in range(len(job.parts)):
            try:
                job = await self._forward_part(job, number, step)
            except BusyError:
                # A submission that was not taken was written down, and taken back.
                return await self._store.get(job.id) or job, _BUSY_PAUSE
            if job.is_unwanted:
                return job, timedelta(0)
        tasks = [_task(part, step) for part in job.parts]
        if all(task and task.is_done for task in tasks):
            return job, None
        if not all(tasks):
            # One that was lost or carried over has to be sent again, which may have to be asked for first.
            return job, timedelta(0)
        waiting = [number for number, task in enumerate(tasks) if task and not task.is_done]
        soon = await self._callbacks.look_again_in(job, waiting, step)
        # Jitter: jobs that were started together need not ask together for ever.
        pause = self._poll_every * random.uniform(0.9, 1.1)  # noqa: S311 (no secret)
        return job, pause if soon is None else min(soon, pause)

    async def _forward_part(self, job: Job, number: int, step: str) -> Job:
        task = _task(job.parts[number], step)
        if task is None:
            return await self._send(job, number, step)
        if task.is_done:
            return job
        if task.id is None:
            return await self._find_lost(job, number, step)
        if step == SEPARATION:
            return await self._look_at_separation(job, number, task, task.id)
        return await self._look_at_midi(job, number, task, task.id)

    async def _look_at_separation(self, job: Job, number: int, task: Task, task_id: str) -> Job:
        studio = await self._studios.of(job)
        record, problem = await attempt(studio.separation(task_id))
        part = job.parts[number]
        if _is_of_before(part, task) and record and record.progress in {Progress.FAILED, Progress.MISSING}:
            return await self._keep(job, number, replace(part, separation=None))
        await self._raise_told_failure(job, number, SEPARATION, record)
        is_told = await self._is_told_done(job, number, task_id, record)
        if not is_told and not self._is_done(job, task, record, problem):
            return job
        part = replace(part, separation=_ended(task, record.credits if record else None))
        try:
            chosen = self._with_choice(job, part, record)
        except InputError:
            # It is paid for: another stem of it can be had.
            await self._keep(job, number, replace(part, stems=record.stems if record else ()))
            raise
        return await self._keep(job, number, chosen)

    async def _is_told_done(
        self, job: Job, number: int, task_id: str, record: SeparationRecord | None
    ) -> bool:
        """Whether a separation was called back as done, and its record stays silent."""
        if record is not None and record.progress in {Progress.DONE, Progress.FAILED}:
            return False
        told = await self._callbacks.of(job, number, SEPARATION)
        return any(
            one.is_believed and one.callback.succeeded and one.callback.task_id in {None, task_id}
            for one in told
        )

    async def _look_at_midi(self, job: Job, number: int, task: Task, task_id: str) -> Job:
        studio = await self._studios.of(job)
        record, problem = await attempt(studio.midi(task_id))
        if isinstance(problem, TooLargeNotesError):
            raise problem
        progress = record.progress if record else None
        notes = record.notes if record and progress is Progress.DONE else None
        if notes is None and progress is not Progress.FAILED:
            told = [
                heard
                for heard in await self._callbacks.of(job, number, MIDI)
                if heard.callback.has_notes and heard.callback.task_id in {None, task_id}
            ]
            believed = next((heard for heard in told if heard.is_believed), None)
            notes = await self._callbacks.notes(believed) if believed else None
            if notes and len(notes) > MOST_NOTES_BYTES:
                raise TooLargeNotesError(f"{len(notes)} bytes were called back for {task_id}")
            if notes is None and told:
                # The record may still say the same, or better.
                return job
        if notes is None:
            await self._raise_told_failure(job, number, MIDI, record)
            if not self._is_done(job, task, record, problem):
                return job
        else:
            await self._store.keep_notes(job.id, number, notes)
        if record and record.has_strengths is not None:
            job = replace(job, has_strengths=record.has_strengths)
        done = _ended(task, record.credits if record else None)
        return await self._keep(job, number, _with_task(job.parts[number], MIDI, done))

    def _is_done(
        self,
        job: Job,
        task: Task,
        record: SeparationRecord | MidiRecord | None,
        problem: StudioError | None,
    ) -> bool:
        """Whether a task is at its good end; its bad ends are raised, and False means that it is looked at again."""
        if problem is not None:
            if not (problem.again or self._is_called_back(job)):
                raise problem
            # The work goes on there meanwhile: it may be readable later, or called back.
            log.warning("task.look_failed", task=task.id, error=problem.code, detail=problem.detail)
        elif record is None or record.progress is Progress.MISSING:
            if self._clock() - task.sent_at > _GRACE:
                raise TaskLostError(f"no record of {task.id}")
        elif record.progress is Progress.FAILED:
            raise failure(record.error_code, record.error_message, about_audio=True)
        return record is not None and record.progress is Progress.DONE

    async def _send(self, job: Job, number: int, step: str) -> Job:
        """Submit one task; its row says so before and after, so that a kill between the two is seen."""
        if step == MIDI:
            job = await self._choose_stem(job, number)
        part = job.parts[number]
        price = self._studios.price_for(job)
        listed = price if step == SEPARATION or price is None else 0.0
        sent = Task(sent_at=self._clock(), listed_credits=listed)
        job = await self._keep(job, number, _with_task(part, step, sent))
        try:
            task_id = await self._submit(job, number, step)
        except UnclearOutcomeError as error:
            log.warning("task.unclear", job=job.id, part=number, step=step, detail=error.detail)
            return job
        except PianolaError:
            # Refused: it was not taken, and is owed nothing.
            await self._keep_anyhow(job, number, step, None)
            raise
        log.info("task.sent", job=job.id, part=number, step=step, task=task_id)
        return await self._keep_anyhow(job, number, step, replace(sent, id=task_id))

    async def _keep_anyhow(self, job: Job, number: int, step: str, task: Task | None) -> Job:
        """Keep what became of an order, in a job that somebody cancelled meanwhile too."""
        try:
            return await self._keep(job, number, _with_task(job.parts[number], step, task))
        except StaleJobError:
            latest = await self._store.get(job.id)
            if latest is None or not latest.is_unwanted:
                raise
            return await self._keep(latest, number, _with_task(latest.parts[number], step, task))

    async def _submit(self, job: Job, number: int, step: str) -> str:
        part, studio = job.parts[number], await self._studios.of(job)
        callback_url = self._callback_url(job, number, step)
        if step == MIDI:
            separation_id = (part.separation and part.separation.id) or ""
            # kie.ai is asked for nothing that it does not know.
            is_ours = self._studios.is_ours(job)
            try:
                return await studio.generate_midi(
                    separation_id,
                    audio_id=part.audio_id,
                    callback_url=callback_url,
                    strength=job.strength if is_ours else None,
                    instrument=part.instrument if is_ours else None,
                )
            except NotFoundError as error:
                # Of an id that somebody typed the studio's own sentence is about that.
                if part.kind is Source.TASK:
                    raise
                raise SongGoneError(error.detail) from error
        kind = self._studios.type_for(job)
        return await studio.separate(
            callback_url=callback_url,
            # kie takes one or the other: a file, or a track of its own.
            audio_url=None if part.music else part.upload_url,
            task_id=part.music.id if part.music else None,
            audio_id=part.music.track_id if part.music else None,
            type=kind,
            stem_name=job.stem if kind is Separation.ONE_INSTRUMENT else None,
        )

    async def _find_lost(self, job: Job, number: int, step: str) -> Job:
        """A submission without an answer: its callback names the task; else it is sent again only if that is free."""
        part = job.parts[number]
        task = _task(part, step)
        named = await self._named(job, number, step)
        if named and task:
            return await self._keep(job, number, _with_task(part, step, replace(task, id=named)))
        if step == MIDI or self._studios.price_for(job) is None:
            return await self._send(job, number, step)
        if task and self._clock() - task.sent_at > _UNCLEAR:
            raise UnclearOutcomeError("no callback named the task")
        return job

    async def with_paid(self, job: Job) -> Job:
        """The job with the ids of what was ordered for it and called back, where the answer to the order did not come."""
        for number, part in enumerate(job.parts):
            if part.separation and part.separation.id is None:
                separation = replace(part.separation, id=await self._named(job, number, SEPARATION))
                job = job.with_part(number, replace(part, separation=separation))
        return job

    async def _named(self, job: Job, number: int, step: str) -> str | None:
        """The task that callbacks of a part name."""
        told = await self._callbacks.of(job, number, step)
        return next((one.callback.task_id for one in told if one.callback.task_id), None)

    async def _choose_stem(self, job: Job, number: int) -> Job:
        part = job.parts[number]
        if not job.stem or part.audio_id or not part.separation or not part.separation.id:
            return job
        record: SeparationRecord | None = SeparationRecord(Progress.DONE, part.stems)
        if not part.stems:
            studio = await self._studios.of(job)
            record = await glance(studio.separation(part.separation.id))
        return await self._keep(job, number, self._with_choice(job, part, record))

    @staticmethod
    def _with_choice(job: Job, part: SongPart, record: SeparationRecord | None) -> SongPart:
        """A part with its stems and the one that was asked for. Where the record cannot be had it goes on without."""
        if record is None or record.progress is not Progress.DONE:
            return replace(part, audio_id=unseen_audio_id(job))
        return replace(part, stems=record.stems, audio_id=audio_id(job, part, record.stems))

    async def _keep(self, job: Job, number: int, part: SongPart) -> Job:
        return await self._store.save(job.with_part(number, part), wake_in=None)

    async def _raise_told_failure(
        self, job: Job, number: int, step: str, record: SeparationRecord | MidiRecord | None
    ) -> None:
        """A failure that was called back counts where the record does not say how the task ended."""
        if record is not None and record.progress in {Progress.DONE, Progress.FAILED}:
            return
        for heard in await self._callbacks.of(job, number, step):
            if heard.is_believed and not heard.callback.succeeded:
                raise failure(heard.callback.code, heard.callback.message, about_audio=True)

    def _is_called_back(self, job: Job) -> bool:
        return self._callback_url(job, 0, MIDI) not in {NOWHERE, NO_CALLBACK}

    def _callback_url(self, job: Job, number: int, step: str) -> str:
        if self._studios.beside(job):
            return NOWHERE
        base = self._callback_base or job.callback_base
        if base is None:
            return NO_CALLBACK
        return f"{base}/callbacks/{job.id}/{number}/{step}/{job.callback_secret}"


def _task(part: SongPart, step: str) -> Task | None:
    return part.separation if step == SEPARATION else part.midi


def _with_task(part: SongPart, step: str, task: Task | None) -> SongPart:
    return replace(part, separation=task) if step == SEPARATION else replace(part, midi=task)


def _ended(task: Task, credits_said: float | None) -> Task:
    """A task at its good end. What one cost that somebody else sent is nobody's business."""
    return replace(task, is_done=True, credits=None if task.listed_credits is None else credits_said)


def _is_of_before(part: SongPart, task: Task) -> bool:
    """Whether a separation was sent by an earlier job, and what it was made of is still there."""
    return task.is_of_before and bool(part.upload_url or part.music)
