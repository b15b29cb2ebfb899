"""Where songs come in and callbacks arrive: the face that cogs and the receiver see."""

import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto

import structlog
from msgspec.structs import replace

from bot.clock import Clock, utc_now
from bot.errors import (
    InputError,
    InstrumentMissingError,
    InstrumentNotKnownError,
    InstrumentUnknownError,
    IntakePausedError,
    JobUnclearError,
    JobUnknownError,
    NotSeparatedHereError,
    PaidForAlreadyError,
)
from bot.jobs.admission import Admission, Asker
from bot.jobs.model import HERE, Job, Question, Reply, State, first_stage, new_callback_secret, new_job_id
from bot.jobs.shared_sound import SharedSound
from bot.jobs.song_part import SongPart
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.outcomes import Outcomes, first_kind
from bot.jobs.storage.servers import NO_RULES, Rules
from bot.jobs.storage.store import Store
from bot.jobs.storage.uses import Check
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.studios import Studios
from bot.kie.payloads import Callback
from bot.kie.separation import Separation, instrument_named
from bot.music.said import instrument_meant
from bot.music.view.view import View

log = structlog.get_logger(__name__)

_UNACKNOWLEDGED = timedelta(seconds=5)
"""A new job is left alone until Discord has our acknowledgement (3 s at most); after a kill it goes on by itself."""

_HEXADECIMAL = re.compile("[0-9a-f]+")


class Taken(Enum):
    """What became of a callback."""

    KEPT = auto()
    NOTHING_NEW = auto()


class Desk:
    """Opens jobs and takes callbacks in."""

    def __init__(
        self,
        store: Store,
        *,
        callback_base: str | None,
        job_timeout: timedelta,
        studio: str = "",
        studios: Studios | None = None,
        admission: Admission | None = None,
        notices: Notices | None = None,
        outcomes: Outcomes | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`callback_base` is where the studio reaches this process; None where it cannot. `studio` names it.

        `outcomes` are given where nobody decided what songs are taken apart into. `notices` tell whether songs are taken at all. `studios` tells what it takes songs apart into; None: nothing. Without an `admission` everybody may have any number
        of songs.
        """
        self._studios = studios
        self._sound = SharedSound(store, studios) if studios else None
        self._store = store
        self._callback_base = callback_base
        self._job_timeout = job_timeout
        self._studio = studio
        self._admission = admission
        self._notices = notices
        self._outcomes = outcomes
        self._clock = clock

    async def open(
        self,
        reply: Reply,
        title: str,
        parts: Sequence[SongPart],
        stem: str | None,
        *,
        asker: Asker,
        separation_type: Separation | None = None,
        here: bool = False,
        passed_over: Sequence[str] = (),
        view: View | None = None,
    ) -> Job | None:
        """Keep a new job, to be started once the interaction is acknowledged. None: the interaction has one already.

        `here` gives it to the built-in studio, where another one is the usual.

        Raises:
            InputError: a rule of the server or a limit is against it, or what is wanted cannot be done.
        """
        if self._notices and (sentence := await self._notices.paused()) is not None:
            raise IntakePausedError(sentence=sentence)
        if stem and separation_type is None and self._stem_is_instrument(parts, here=here):
            parts, stem = [replace(part, instrument=_instrument(stem)) for part in parts], None
        stem = self._checked(stem, separation_type)
        now = self._clock()
        rules = await self._admission.rules(asker) if self._admission else NO_RULES
        kind = separation_type or (rules.separation_type if self.separates else None)
        learned = None if kind or here else await self._learned(parts)
        job = Job(
            id=new_job_id(),
            state=State.RECEIVED,
            title=title,
            reply=replace(reply, is_private=reply.is_private or rules.is_private),
            parts=tuple(parts),
            stem=stem,
            separation_type=kind or learned,
            is_learned=learned is not None,
            chose_separation=separation_type is not None,
            has_preview=rules.has_preview,
            passed_over=tuple(passed_over),
            view=view,
            studio=HERE if here else self._studio,
            begins_with=first_stage(parts),
            is_acknowledged=False,
            created_at=now,
            stage_since=now,
            deadline_at=now + self._job_timeout,
            callback_base=self._callback_base,
            callback_secret=new_callback_secret(),
        )
        check = self._admission.limits_for(asker, rules, now) if self._admission else None
        return await self._added(job, _UNACKNOWLEDGED, of_server=asker.host_id, check=check)

    async def retry(
        self, job: Job, parts: Sequence[SongPart], interaction_id: int, *, here: bool = False
    ) -> Job | None:
        """Keep another try of a failed job. Its answer is a new message: the failure can be edited no more.

        It is the owner's wish, who pays: a pause, rules, limits and the price are no question. `interaction_id` is that of the wish. None: it has
        its job already.

        Raises:
            PaidForAlreadyError: the same is being paid for by another one.
        """
        now = self._clock()
        again = Job(
            id=new_job_id(),
            state=State.RECEIVED,
            title=job.title,
            reply=replace(job.reply, interaction_id=interaction_id),
            parts=tuple(parts),
            stem=None if here else job.stem,
            separation_type=None if here else job.separation_type,
            is_learned=job.is_learned and not here,
            chose_separation=job.chose_separation and not here,
            has_preview=job.has_preview,
            passed_over=job.passed_over,
            view=job.view,
            studio=HERE if here else self._studio,
            begins_with=first_stage(parts),
            answers={**job.answers, Question.PRICE: "yes"},
            created_at=now,
            stage_since=now,
            deadline_at=now + self._job_timeout,
            callback_base=self._callback_base,
            callback_secret=new_callback_secret(),
        )
        return await self._added(again, timedelta(0))

    async def _added(
        self, job: Job, wake_in: timedelta, *, of_server: int | None = None, check: Check | None = None
    ) -> Job | None:
        pays_for = self._studios.pays_for(job) if self._studios else None
        added = await self._store.add(job, wake_in, of_server=of_server, pays_for=pays_for, check=check)
        if not added:
            if await self._store.has_job(job.reply.interaction_id):
                return None
            raise PaidForAlreadyError
        log.info(
            "job.opened",
            job=job.id,
            user=job.reply.user_id,
            server=job.reply.guild_id,
            parts=len(job.parts),
            kind=job.parts[0].kind,
        )
        return job

    async def _learned(self, parts: Sequence[SongPart]) -> Separation | None:
        """What a song is taken apart into by what was seen so far; None: as usual."""
        if self._outcomes is None or any(part.is_score for part in parts):
            return None
        kind = first_kind(await self._outcomes.seen())
        return None if kind is Separation.TWO_STEMS else kind

    async def manners(self, asker: Asker) -> Rules:
        """What an answer keeps to that costs nothing: where a rule is against it, nobody but its asker sees it."""
        if self._admission is None:
            return NO_RULES
        try:
            return await self._admission.rules(asker)
        except InputError:
            return Rules(is_private=True)

    @property
    def separates(self) -> bool:
        """Whether the studio takes songs apart."""
        return self._studios is not None and self._studios.prices is not None

    def _stem_is_instrument(self, parts: Sequence[SongPart], *, here: bool) -> bool:
        """Whether `stem` says what the song is: where nothing is separated, there is no other one to choose."""
        is_ours = here or (self._studios is not None and self._studios.is_here)
        return is_ours or any(part.is_score for part in parts)

    def _checked(self, stem: str | None, separation_type: Separation | None) -> str | None:
        """The wanted stem as the studio calls it."""
        if separation_type is None:
            return stem
        if not self.separates:
            raise NotSeparatedHereError
        if separation_type is not Separation.ONE_INSTRUMENT:
            return stem
        if not stem:
            raise InstrumentMissingError
        instrument = instrument_named(stem)
        if instrument is None:
            raise InstrumentUnknownError(stem=stem.replace("`", "'"))
        return instrument

    async def start(self, job: Job) -> None:
        """Let a job begin whose acknowledgement arrived, or can no more."""
        try:
            await self._store.save(replace(job, is_acknowledged=True))
        except StaleJobError:
            # Its button was pressed already, or it was looked at.
            log.info("job.begun", job=job.id)

    async def look(self, job: Job) -> None:
        """Let a job be looked at now: one of which it is not known whose acknowledgement Discord took, or that seems stuck."""
        await self._store.wakeups.wake(job.id)

    async def job(self, job_id: str) -> Job | None:
        """A job as it stands."""
        return await self._store.get(job_id, first=True)

    async def named(self, beginning: str) -> Job:
        """The job whose id begins so.

        Raises:
            JobUnknownError: there is none.
            JobUnclearError: there are several.
        """
        meant = beginning.strip().removeprefix("#").lower()
        found = await self._store.beginning_with(meant) if _HEXADECIMAL.fullmatch(meant) else []
        if len(found) == 1:
            return found[0]
        said = beginning.replace("`", "'")
        raise JobUnclearError(id=said) if found else JobUnknownError(id=said)

    async def cancel(self, job_id: str) -> bool:
        """End a job without a result. False: it is at an end, or its result or failure is being told.

        kie has no cancel, so its task may still run there. One that is being ordered is waited for, by the steps, so that
        another try has what was paid for.
        """
        while (job := await self._store.get(job_id)) and job.can_be_cancelled:
            if job.is_unwanted:
                return True
            try:
                await self._store.save(job.cancelled(self._clock()))
            except StaleJobError:
                continue
            log.info("job.cancelled", job=job_id)
            return True
        return False

    async def answer(self, job_id: str, question: Question, answer: str, reply: Reply) -> bool:
        """Answer what a job is held for, and let it go on. False: it does not wait for this any more.

        `reply` is that of the answer's own interaction, which lives longer than that of the command.
        """
        while (job := await self._store.get(job_id)) and job.hold and job.can_be_cancelled:
            if job.hold.question is not question or self._clock() >= job.hold.until:
                break
            renewed = replace(job.reply, token=reply.token, token_expires_at=reply.token_expires_at)
            answered = replace(job.answered(answer, self._clock()), reply=renewed)
            if question is Question.PRICE and answer == "two":
                answered = replace(answered, separation_type=Separation.TWO_STEMS, is_learned=False)
            try:
                await self._store.save(answered)
            except StaleJobError:
                continue
            log.info("job.answered", job=job_id, question=question)
            return True
        return False

    async def delete(self, job: Job) -> None:
        """Delete all that is kept of a song, at a studio of ours too, where no other song of that person needs it."""
        await self._store.delete(job.id)
        if self._sound:
            await self._sound.let_go([job])

    async def delivered(self, job: Job, message_id: int) -> None:
        """Remember that a song, which could only be kept, was shown to its owner."""
        await self._store.amend(replace(job, message_id=message_id))

    async def forget(self, user_id: int) -> list[Job]:
        """Delete all that is kept of a person, at a studio of ours too; returns their songs as they were."""
        gone = await self._store.forget(user_id)
        if self._sound:
            await self._sound.let_go(gone)
        return gone

    async def look_after_sound(self) -> None:
        """Let a studio of ours delete what others' tries kept it from deleting before, and need no more."""
        if self._sound:
            await self._sound.look()

    async def job_of_callback(self, job_id: str, secret: str) -> Job | None:
        """The job whose callback address this is."""
        job = await self._store.get(job_id, first=True)
        if job is None or not hmac.compare_digest(job.callback_secret.encode(), secret.encode()):
            return None
        return job

    async def take(self, job: Job, part: int, step: str, callback: Callback, body: bytes) -> Taken:
        """Keep a verified callback and wake its job; one that is late, repeated or not its own changes nothing."""
        if job.state.is_final or part >= len(job.parts):
            await self._keep_what_was_paid(job, part, step, callback)
            return Taken.NOTHING_NEW
        task_id = job.task_id(part, step)
        if task_id and callback.task_id and task_id != callback.task_id:
            log.warning("callback.of_another_task", job=job.id, part=part, step=step)
            return Taken.NOTHING_NEW
        kept = await self._store.inbox.keep(job.id, part, step, body, callback)
        log.info("callback.kept" if kept else "callback.repeated", job=job.id, part=part, step=step)
        return Taken.KEPT if kept else Taken.NOTHING_NEW

    async def _keep_what_was_paid(self, job: Job, part: int, step: str, callback: Callback) -> None:
        """The id of a separation whose order was not answered before the job's end: another try can have it."""
        task = job.parts[part].separation if part < len(job.parts) else None
        if step == "separation" and task and task.id is None and callback.task_id:
            known = replace(job.parts[part], separation=replace(task, id=callback.task_id))
            await self._store.amend(job.with_part(part, known))
            log.info("job.paid_for", job=job.id, part=part, task=callback.task_id)


def _instrument(stem: str) -> str:
    instrument = instrument_meant(stem)
    if instrument is None:
        raise InstrumentNotKnownError(name=stem.replace("`", "'"))
    return instrument
