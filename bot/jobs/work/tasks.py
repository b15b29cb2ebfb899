"""The two kinds of task a job has at the studio, separation and MIDI: sent once, then watched to their end.

The result comes by a callback or by looking. A callback is a hint, because its body is not signed: the record is
read with our own key, and only where that gives no notes is the kept body used.
"""

import random
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.errors import NoStemsError, StemNotFoundError, StudioError, TaskLostError
from bot.jobs.model import Job, SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.studios import Studios
from bot.kie.client import MOST_NOTES_BYTES
from bot.kie.errors import BusyError, TooLargeNotesError, UnclearOutcomeError, failure, readable
from bot.kie.payloads import Callback, MidiRecord, Progress, SeparationRecord, Stem, read_callback
from bot.kie.separation import Separation, plain

log = structlog.get_logger(__name__)

SEPARATION, MIDI = "separation", "midi"

_Record = TypeVar("_Record", SeparationRecord, MidiRecord)

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
        # Jitter: jobs that were started together need not ask together for ever.
        return job, self._poll_every * random.uniform(0.9, 1.1)  # noqa: S311 (no secret)

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
        record, problem = await _attempt(studio.separation(task_id))
        part = job.parts[number]
        if _is_of_before(part, task) and record and record.progress in {Progress.FAILED, Progress.MISSING}:
            return await self._keep(job, number, replace(part, separation=None))
        await self._raise_told_failure(job, number, SEPARATION, record)
        if not self._is_done(task, record, problem):
            return job
        stems, credits_said = (record.stems, record.credits) if record else ((), None)
        done = _ended(task, credits_said)
        audio_id = _audio_id(job, part, stems)
        return await self._keep(job, number, replace(part, separation=done, stems=stems, audio_id=audio_id))

    async def _look_at_midi(self, job: Job, number: int, task: Task, task_id: str) -> Job:
        studio = await self._studios.of(job)
        record, problem = await _attempt(studio.midi(task_id))
        finished = record is not None and record.progress is Progress.DONE
        notes = record.notes if record and finished else None
        notes = notes or await self._notes_of_callback(job, number, task_id)
        if notes is None:
            await self._raise_told_failure(job, number, MIDI, record)
            if not self._is_done(task, record, problem):
                return job
        else:
            await self._store.keep_notes(job.id, number, notes)
        done = _ended(task, record.credits if record else None)
        return await self._keep(job, number, _with_task(job.parts[number], MIDI, done))

    def _is_done(
        self, task: Task, record: SeparationRecord | MidiRecord | None, problem: StudioError | None
    ) -> bool:
        """Whether a task is at its good end; its bad ends are raised, and False means that it is looked at again."""
        if problem is not None:
            if not problem.again:
                raise problem
            # A record that cannot be read now may be readable later; the work goes on there meanwhile.
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
        except BusyError:
            await self._keep(job, number, part)
            raise
        log.info("task.sent", job=job.id, part=number, step=step, task=task_id)
        return await self._keep_sent(job, number, step, replace(sent, id=task_id))

    async def _keep_sent(self, job: Job, number: int, step: str, task: Task) -> Job:
        """Keep the id of what was sent, in a job that somebody cancelled meanwhile too."""
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
            return await studio.generate_midi(
                separation_id, audio_id=part.audio_id, callback_url=callback_url
            )
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
        for callback in await self._callbacks(job, number, step):
            if callback.task_id and task:
                return await self._keep(
                    job, number, _with_task(part, step, replace(task, id=callback.task_id))
                )
        if step == MIDI or self._studios.price_for(job) is None:
            return await self._send(job, number, step)
        if task and self._clock() - task.sent_at > _UNCLEAR:
            raise UnclearOutcomeError("no callback named the task")
        return job

    async def _choose_stem(self, job: Job, number: int) -> Job:
        part = job.parts[number]
        if not job.stem or part.audio_id or not part.separation or not part.separation.id:
            return job
        stems = part.stems
        if not stems:
            stems = (await (await self._studios.of(job)).separation(part.separation.id)).stems
        chosen = replace(part, stems=stems, audio_id=_audio_id(job, part, stems))
        return await self._keep(job, number, chosen)

    async def _keep(self, job: Job, number: int, part: SongPart) -> Job:
        return await self._store.save(job.with_part(number, part), wake_in=None)

    async def _callbacks(self, job: Job, number: int, step: str) -> list[Callback]:
        bodies = await self._store.callbacks(job.id, number, step)
        return [read_callback(body) for body in bodies]

    async def _raise_told_failure(
        self, job: Job, number: int, step: str, record: SeparationRecord | MidiRecord | None
    ) -> None:
        """A failure that was called back counts where the record does not say how the task ended."""
        if record is not None and record.progress in {Progress.DONE, Progress.FAILED}:
            return
        for callback in await self._callbacks(job, number, step):
            if not callback.succeeded:
                raise failure(callback.code, callback.message, about_audio=True)

    async def _notes_of_callback(self, job: Job, number: int, task_id: str) -> bytes | None:
        for callback in await self._callbacks(job, number, MIDI):
            if callback.notes and callback.task_id in {None, task_id}:
                if len(callback.notes) > MOST_NOTES_BYTES:
                    raise TooLargeNotesError(f"{len(callback.notes)} bytes were called back for {task_id}")
                return callback.notes
        return None

    def _callback_url(self, job: Job, number: int, step: str) -> str:
        if self._studios.beside(job):
            return NOWHERE
        base = self._callback_base or job.callback_base
        if base is None:
            return NO_CALLBACK
        return f"{base}/callbacks/{job.id}/{number}/{step}/{job.callback_secret}"


async def _attempt(look: Awaitable[_Record]) -> tuple[_Record | None, StudioError | None]:
    try:
        return await look, None
    except StudioError as error:
        return None, error


def _task(part: SongPart, step: str) -> Task | None:
    return part.separation if step == SEPARATION else part.midi


def _with_task(part: SongPart, step: str, task: Task) -> SongPart:
    return replace(part, separation=task) if step == SEPARATION else replace(part, midi=task)


def _ended(task: Task, credits_said: float | None) -> Task:
    """A task at its good end. What one cost that somebody else sent is nobody's business."""
    return replace(task, is_done=True, credits=None if task.listed_credits is None else credits_said)


def _is_of_before(part: SongPart, task: Task) -> bool:
    """Whether a separation was sent by an earlier job, and what it was made of is still there."""
    return task.is_of_before and bool(part.upload_url or part.music)


def _audio_id(job: Job, part: SongPart, stems: Sequence[Stem]) -> str | None:
    """The stem that is transcribed; None: all of them."""
    was_given = part.kind is Source.TASK and part.music is None
    if job.separation_type is Separation.ONE_INSTRUMENT and not was_given:
        # What was taken out stands before what was left, and may go by another name than it was asked for with.
        return next((stem.id for stem in stems if stem.id), None)
    return _chosen(job.stem, stems) if job.stem else None


def _chosen(wanted: str, stems: Sequence[Stem]) -> str | None:
    """The id of the stem that a person meant, by name or by id."""
    known = [stem for stem in stems if stem.id]
    for stem in known:
        if wanted.strip() == stem.id or plain(stem.name) == plain(wanted):
            return stem.id
    for stem in known:
        if plain(wanted) and plain(wanted) in plain(stem.name):
            return stem.id
    if not known:
        raise NoStemsError
    raise StemNotFoundError(stem=readable(wanted), stems=", ".join(readable(stem.name) for stem in known))
