"""What happens to a job in each state. Every step reads the job, does one outside thing, and writes what came of it.

A step may run twice, after a kill at any line, and must not hurt: what was done is in the row, and what is in
the row is not done again.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.errors import NoNotesError, PianolaError
from bot.jobs.model import Job, Question, State, first_stage
from bot.jobs.song_part import SongPart, Source
from bot.jobs.storage.outcomes import Also, Outcomes
from bot.jobs.storage.store import Store
from bot.jobs.work.deadline import PAST_THE_END, too_late
from bot.jobs.work.given import GivenTasks, with_chosen_track
from bot.jobs.work.learning import Learning
from bot.jobs.work.outside import AnswerDeletedError, Courier, Sources
from bot.jobs.work.places import Places, whose
from bot.jobs.work.questions import Questions
from bot.jobs.work.showing import Showing
from bot.jobs.work.songs import Songs
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.uploads import Uploads
from bot.measures import JOB_SECONDS, STEP_SECONDS, took
from bot.music.meter.kept import KeptBars

log = structlog.get_logger(__name__)

AT_ONCE = 64
"""Jobs that are worked on at a time, half of them for one person: they mostly wait, for the studio or a slow link."""

_FIRST_LOOK = timedelta(seconds=3)
"""After a stage begins it is looked at, and shown, this soon; from then on at the pace of the settings."""

_AWAY = timedelta(minutes=1)
"""A job is looked at when its time is over; one that is looked at so much later had nobody to look at it."""

_OVERTIME = timedelta(minutes=3)
"""For what is ready or ordered when a job's time is over: notes of a finished separation take 30 to 90 s."""

_LOOK_HERE_SECONDS = 0.5
"""Between two looks at a built-in studio."""

_DELIVERY_PATIENCE = timedelta(hours=24)
"""How long a result is offered to a Discord that is down before it is only kept."""

_SHOWN = {State.UPLOADING, State.SEPARATING, State.TRANSCRIBING}
"""What comes after these takes less time than to tell of it."""


_Pause = tuple[Job, timedelta] | None
"""The job as it stands and when to come again; None where it moved on."""


class Steps:
    """The handlers of all states. `advance` is what the queue calls."""

    def __init__(
        self,
        store: Store,
        studios: Studios,
        sources: Sources,
        courier: Courier,
        *,
        tasks: StudioTasks,
        songs: Songs,
        outcomes: Outcomes | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._studios = studios
        self._courier = courier
        self._tasks = tasks
        self._given = GivenTasks(store, studios)
        self._songs = songs
        self._learning = Learning(outcomes, studios)
        self._showing = Showing(store, courier, clock)
        self._questions = Questions(store, studios, courier, self._showing, clock)
        self._clock = clock
        self._places = Places(AT_ONCE)
        self._uploads = Uploads(store, studios, sources, songs, clock=clock)
        self._by_state: dict[State, Callable[[Job], Coroutine[Any, Any, _Pause]]] = {
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
        structlog.contextvars.bind_contextvars(user=job.reply.user_id, server=job.reply.guild_id)
        async with self._places.place(whose(job)) as has_waited:
            latest = await self._store.get(job_id) if has_waited else job
            if latest is not None and not latest.state.is_final:
                await self._advance(latest)

    async def _advance(self, job: Job) -> None:
        began = time.monotonic()
        try:
            if job.is_unwanted:
                await self._drop(job)
            elif job.error is not None:
                await self._tell(job, job.error)
            else:
                await self._step(job)
        except PianolaError as error:
            log.warning("job.failed", job=job.id, state=job.state, error=error.code, detail=error.detail)
            await self._fail(job.id, error)
        except AnswerDeletedError:
            await self._showing.cancel(job.id)
        finally:
            took(STEP_SECONDS, time.monotonic() - began, job.state.value)

    async def give_up(self, job_id: str) -> None:
        """End a job whose step failed again and again in a way nobody foresaw. A result is offered for a day."""
        job = await self._store.get(job_id)
        if job is None or job.state.is_final:
            return
        if job.state is not State.DELIVERING:
            await self._fail(job_id, PianolaError("its step failed again and again"))
        elif self._clock() - job.stage_since > _DELIVERY_PATIENCE:
            log.warning("job.kept", job=job_id)
            await self._end(job_id, State.DONE)

    async def _step(self, job: Job) -> None:
        if not job.is_acknowledged:
            ours = await self._showing.ours(job)
            if ours is None:
                return
            job = ours
        if job.hold is not None:
            await self._questions.wait(job, job.hold)
            return
        if job.state.rank < State.RENDERING.rank and self._clock() > job.deadline_at:
            await self._step_late(job)
        elif job.state in _SHOWN:
            await self._shown_step(job)
        else:
            await self._by_state[job.state](job)

    def _check_deadline(self, job: Job) -> None:
        if self._clock() > job.deadline_at:
            raise too_late(job)

    async def _step_late(self, job: Job) -> None:
        """Its time is over: what is ready by now is taken all the same, and nothing more is ordered that costs."""
        look = {State.SEPARATING: self._tasks.separate, State.TRANSCRIBING: self._tasks.transcribe}.get(
            job.state
        )
        is_ordered = all(part.separation for part in job.parts) and not self._studios.beside(job)
        if look is None or not is_ordered:
            self._check_deadline(job)
            return
        now = self._clock()
        if now - job.deadline_at > _AWAY and not job.is_in_overtime:
            # Nobody looked for so long: this program was away, and what it paid for may be ready, or soon.
            await self._store.save(_in_overtime(job, now))
            return
        job, pause = await look(job)
        if pause is not None:
            self._check_deadline(job)
        elif job.state is State.SEPARATING:
            await self._move(_in_overtime(job, now), State.TRANSCRIBING)
        else:
            await self._move(job, State.RENDERING)

    async def _shown_step(self, job: Job) -> None:
        """A step that may take long. All edits are over when it is left, while the job is still locked."""
        began = self._clock()
        try:
            if pause := await self._showing.during(job, self._by_state[job.state](job)):
                waiting, delay = pause
                if waiting.is_unwanted or await self._showing.show(waiting):
                    await self._wait(waiting, delay, began=began)
        finally:
            await self._showing.retract_if_cancelled(job)

    async def _fail(self, job_id: str, error: PianolaError) -> None:
        """Write the failure, from where on nobody can cancel; then tell it, and end. A kill in between tells it again."""
        job = await self._store.get(job_id)
        if job is None or job.state.is_final:
            return
        if job.is_unwanted:
            await self._drop(job)
            return
        failed = replace(job, error_code=error.code, error_values=error.values)
        told = self._learning.of(job, gave_notes=False) if isinstance(error, NoNotesError) else None
        await self._tell(await self._store.save(failed, also=told), error)

    async def _tell(self, job: Job, error: PianolaError) -> None:
        await self._courier.refuse(job, error)
        await self._close(job, State.FAILED)

    async def _drop(self, job: Job) -> None:
        """End a job that was cancelled; an edit that came later than the button's may have shown it again."""
        await self._courier.retract(job)
        await self._close(job, State.CANCELLED)

    async def _end(self, job_id: str, state: State) -> None:
        job = await self._store.get(job_id)
        if job is not None and not job.state.is_final:
            await self._close(job, state)

    async def _close(self, job: Job, state: State) -> None:
        if job.is_paying:
            job = await self._tasks.with_paid(job)
        # The token opens somebody's interaction; nobody needs it any more.
        reply = replace(job.reply, token="")
        await self._store.save(replace(job.moved(state, self._clock()), reply=reply))

    async def _move(self, job: Job, state: State, *, also: Also | None = None) -> None:
        await self._store.save(job.moved(state, self._clock()), also=also)
        log.info("job.moved", job=job.id, state=state)

    async def _wait(self, job: Job, pause: timedelta, *, began: datetime) -> None:
        """Come again later, unless something was heard of the job since this look began."""
        self._songs.warm_up()
        if self._clock() - job.stage_since < _FIRST_LOOK:
            pause = min(pause, _FIRST_LOOK)
        # The end of the waiting is told when it comes, not at the next look.
        pause = min(pause, max(job.deadline_at - self._clock(), timedelta(0)) + PAST_THE_END)
        await self._store.save(job, wake_in=pause, unless_woken_since=began)

    async def _begin(self, job: Job) -> _Pause:
        if job.is_score:
            return await self._begin_score(job)
        job = with_chosen_track(await self._given.identify(job))
        job = replace(job, begins_with=first_stage(job.parts))
        if self._studios.beside(job):
            await self._move(replace(job, begins_with=State.TRANSCRIBING), State.TRANSCRIBING)
        elif any(part.music and part.music.track_id is None for part in job.parts):
            await self._questions.hold(job, Question.TRACK)
        else:
            await self._move(job, job.begins_with)
        return None

    async def _begin_score(self, job: Job) -> _Pause:
        taken = await self._uploads.score(job)
        if taken is not None:
            await self._move(replace(taken, begins_with=State.RENDERING), State.RENDERING)
            return None
        # A name can be wrong; what is inside counts.
        sound = job.with_part(0, replace(job.parts[0], is_score=False))
        await self._move(replace(sound, begins_with=State.UPLOADING), State.UPLOADING)
        return None

    async def _upload(self, job: Job) -> _Pause:
        job, is_score = await self._uploads.send(job)
        if is_score:
            await self._move(replace(job, begins_with=State.RENDERING), State.RENDERING)
        else:
            await self._move(job, State.SEPARATING)
        return None

    async def _separate(self, job: Job) -> _Pause:
        if self._questions.is_to_be_agreed(job):
            await self._questions.hold(job, Question.PRICE)
            return None
        job, pause = await self._tasks.separate(job)
        if pause is not None:
            return job, pause
        await self._move(job, State.TRANSCRIBING)
        return None

    async def _transcribe(self, job: Job) -> _Pause:
        if self._studios.beside(job):
            job = await self._transcribed_here(job)
        else:
            job, pause = await self._tasks.transcribe(job)
            if pause is not None:
                return job, pause
        await self._move(job, State.RENDERING)
        return None

    async def _transcribed_here(self, job: Job) -> Job:
        """All of it in one look: a built-in studio is known to its own process alone, and ends with it.

        After a kill it is begun anew, which costs nothing. What is done stays there to be told in another way, unless other
        processes, which could neither ask for that nor have it forgotten, take commands too.
        """
        is_to_stay = False
        try:
            done = await self._done_here(job)
            is_to_stay = self._studios.is_alone
            return done
        finally:
            # Of a job that was deleted meanwhile it was forgotten then.
            if not is_to_stay and (latest := await self._store.get(job.id)):
                await self._studios.forget([latest])

    async def _done_here(self, job: Job) -> Job:
        bare = (replace(part, upload_url=None, separation=None, midi=None) for part in job.parts)
        job = await self._store.save(replace(job, parts=tuple(bare)), wake_in=None)
        job, is_score = await self._uploads.send(job)
        if is_score:
            return job
        for bring_forward in (self._tasks.separate, self._tasks.transcribe):
            job, pause = await bring_forward(job)
            while pause is not None:
                self._check_deadline(job)
                await asyncio.sleep(_LOOK_HERE_SECONDS)
                job, pause = await bring_forward(job)
        return replace(job, parts=tuple(_left_here(part, self._studios) for part in job.parts))

    async def _render(self, job: Job) -> _Pause:
        song = await self._songs.prepare(job)
        if not song.note_count:
            raise NoNotesError
        undelivered = await self._store.undelivered(job.reply.user_id)
        counted = replace(
            job,
            instruments=len(song.tracks),
            notes=song.note_count,
            kept_bars=KeptBars.found_in(song),
            undelivered=undelivered,
        )
        await self._move(counted, State.DELIVERING, also=self._learning.of(job, gave_notes=True))
        return None

    async def _deliver(self, job: Job) -> _Pause:
        song = await self._songs.prepared(job)
        if job.message_id is None:
            posted = await self._courier.deliver(job, song)
            job = await self._store.save(replace(job, message_id=posted.message_id))
            await posted.complete(partial(self._store.is_current, job))
        await self._close(job, State.DONE)
        seconds = job.worked(self._clock()).total_seconds()
        took(JOB_SECONDS, seconds)
        log.info(
            "job.done",
            job=job.id,
            seconds=round(seconds, 1),
            notes=song.note_count,
            credits=job.cost.credits if job.cost else 0,
        )
        return None


def _in_overtime(job: Job, now: datetime) -> Job:
    return replace(job, deadline_at=now + _OVERTIME, is_in_overtime=True)


def _left_here(part: SongPart, studios: Studios) -> SongPart:
    """A part that a built-in studio is done with. Where somebody's own file is is forgotten, and what it heard, where that goes."""
    source = part.source if part.kind is Source.STUDIO else None
    heard = part if studios.is_alone else replace(part, separation=None, midi=None)
    return replace(heard, upload_url=None, source=source, stems=())
