"""The outside of jobs in memory: a studio, a channel, and a clock that only a test moves."""

import asyncio
import contextlib
import io
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import sqlalchemy as sa

from bot.errors import PianolaError, StudioError
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart
from bot.jobs.work.outside import AnswerDeletedError, Answered, Audio, Posted
from bot.kie.errors import BusyError, NoCreditsError, UnclearOutcomeError
from bot.kie.music import Track
from bot.kie.payloads import MidiRecord, MusicRecord, Progress, SeparationRecord
from bot.music.song import Song
from tests.kie_server.state import SONG
from tests.music.score import END, smf

NOTICED_WITHIN_SECONDS = 0.1
"""A step that is not shown says nothing of a deleted answer."""

NOTES = json.dumps(SONG).encode()

SCORE = smf("00 90 3c 64  00 40 64  00 43 64  83 60 80 3c 00  00 40 00  00 43 00 " + END)
"""A chord."""

ANSWERED, LOST, NEVER_SENT, BUSY, REFUSED = "answered", "lost", "never sent", "busy", "refused"
"""What becomes of the next submission: `lost` was taken, and its answer did not come."""

OF_BEFORE = "of-before"
"""A separation that was finished before."""


OF_MUSIC = "of-music"
"""A music task with two tracks."""

TRACKS = (Track("track-a", "Day Drive", 120.0), Track("track-b", "Night Drive", 130.0))


class Clock:
    """Aware UTC. Each look at it takes a millisecond, so that no two writes have one time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class NoQueue:
    """Tells nobody: the test looks at the wake-ups itself."""

    def announce(self, _connection: sa.Connection, _job_id: str, _due_at: float) -> None:
        pass

    def told_of(self, _connection: sa.Connection, _job_ids: Collection[str]) -> set[str]:
        return set()

    def nudge(self) -> None:
        pass


class DeadError(BaseException):
    """The process is gone: nothing catches this."""


async def _nothing() -> None:
    pass


@dataclass(slots=True)
class Moments:
    """Counts what happens to jobs, commits and calls to the outside, and lets something happen in between."""

    die_in: int | None = None
    meanwhile_in: int | None = None
    meanwhile: Callable[[], Awaitable[object]] = _nothing
    dead: bool = False

    def commit(self, _point: str) -> None:
        """Before or after a commit."""
        if self.die_in is not None:
            self.die_in -= 1
            if self.die_in < 0:
                self.dead = True
        if self.dead:
            raise DeadError

    async def call(self) -> None:
        """Before or after what is done outside."""
        self.commit("")
        if self.meanwhile_in is not None:
            self.meanwhile_in -= 1
            if self.meanwhile_in < 0:
                self.meanwhile_in = None
                await self.meanwhile()

    def calm(self) -> None:
        self.die_in, self.meanwhile_in, self.meanwhile, self.dead = None, None, _nothing, False


@dataclass(slots=True)
class Studio:
    """Takes tasks, ends them when told to, and says what became of them."""

    moments: Moments
    submissions: str = ANSWERED
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    wishes: list[dict[str, str]] = field(default_factory=list)
    """What notes were asked for with, beside their separation."""
    unknown: set[str] = field(default_factory=set)
    separations: int = 0
    answered: list[str] = field(default_factory=list)
    """The tasks whose ids are on their way, or told."""
    silence: StudioError | None = None
    """What every look at a record meets."""
    has_strengths: bool | None = None
    """What records say of it; kie's say nothing."""
    is_slow: bool = False
    """Whether records say "done" later than callbacks do."""
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def upload(self, data: BinaryIO, *, name: str, folder: str) -> str:
        await self.moments.call()
        assert not data.closed
        return f"https://studio.example.com/{folder}/{name}"

    async def separate(self, *, callback_url: str, **_given: str | None) -> str:
        task = await self._submit("separation", callback_url)
        self.separations += 1
        return await self._answer(task)

    async def generate_midi(self, task_id: str, *, callback_url: str, **wishes: str | None) -> str:
        assert task_id
        self.wishes.append({name: wish for name, wish in wishes.items() if wish})
        return await self._answer(await self._submit("midi", callback_url))

    async def separation(self, task_id: str) -> SeparationRecord:
        await self.moments.call()
        if self.silence:
            raise self.silence
        if task_id == OF_MUSIC:
            return SeparationRecord(Progress.MISSING)
        return SeparationRecord(self._progress(task_id), error_code=500)

    async def music(self, task_id: str) -> MusicRecord:
        await self.moments.call()
        if task_id == OF_MUSIC:
            return MusicRecord(Progress.DONE, tracks=TRACKS)
        return MusicRecord(Progress.MISSING)

    def moved(self, url: str) -> str:
        return url

    async def forget(
        self, _urls: Sequence[str], _task_ids: Sequence[str], _notes_of: Sequence[str] = ()
    ) -> None:
        await self.moments.call()

    async def credits(self) -> float:
        await self.moments.call()
        return 100.0

    async def midi(self, task_id: str) -> MidiRecord:
        await self.moments.call()
        if self.silence:
            raise self.silence
        progress = self._progress(task_id)
        notes = NOTES if progress is Progress.DONE else None
        return MidiRecord(progress, notes, error_code=500, has_strengths=self.has_strengths)

    async def _submit(self, kind: str, callback_url: str) -> str:
        await self.moments.call()
        if self.submissions == BUSY:
            raise BusyError
        if self.submissions == REFUSED:
            raise NoCreditsError
        if self.submissions == NEVER_SENT:
            raise UnclearOutcomeError
        task = f"{kind}-{next(self._numbers)}"
        self.tasks[task] = (kind, callback_url)
        return task

    async def _answer(self, task: str) -> str:
        if self.submissions == LOST:
            raise UnclearOutcomeError
        self.answered.append(task)
        await self.moments.call()
        return task

    def _progress(self, task: str) -> Progress:
        if task in self.unknown:
            return Progress.MISSING
        if self.is_slow and task != OF_BEFORE:
            return Progress.PENDING
        if task in self.failed:
            return Progress.FAILED
        return Progress.DONE if task in self.done | {OF_BEFORE} else Progress.PENDING


@dataclass(slots=True)
class Channel:
    """Where results arrive. `delivered` and `refused` hold the state of the stored job at each call."""

    moments: Moments
    stored: Callable[[str], Awaitable[Job | None]]
    delivered: list[Job] = field(default_factory=list)
    refused: list[Job] = field(default_factory=list)

    is_deleted: bool = False
    """Whether somebody deleted the answer."""
    noticed: asyncio.Event = field(default_factory=asyncio.Event)

    async def whose(self, _job: Job) -> Answered:
        await self.moments.call()
        self._see_whether_it_is_there()
        return Answered.OURS

    async def show(self, _job: Job) -> None:
        self._see_whether_it_is_there()

    async def ask(self, job: Job) -> None:
        assert job.hold is not None
        await self.moments.call()
        self._see_whether_it_is_there()

    def _see_whether_it_is_there(self) -> None:
        if self.is_deleted:
            self.noticed.set()
            raise AnswerDeletedError

    async def delete(self) -> None:
        """Delete the answer; whoever is shown a step meanwhile sees it."""
        self.is_deleted = True
        self.noticed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NOTICED_WITHIN_SECONDS):
                await self.noticed.wait()

    async def deliver(self, job: Job, song: Song) -> Posted:
        assert song.note_count >= 3
        await self.moments.call()
        self._see_whether_it_is_there()
        stored = await self.stored(job.id)
        assert stored is not None
        self.delivered.append(stored)
        await self.moments.call()
        return Posted(9, lambda _: self.moments.call())

    async def refuse(self, job: Job, _error: PianolaError) -> None:
        await self.moments.call()
        stored = await self.stored(job.id)
        assert stored is not None
        self.refused.append(stored)

    async def retract(self, _job: Job) -> None:
        pass

    async def forgotten(self, _job: Job) -> None:
        pass


class Files:
    """Whatever is asked for is there."""

    @asynccontextmanager
    async def read(self, part: SongPart) -> AsyncIterator[Audio]:
        if part.name.endswith(".mid"):
            yield Audio(part.name, "audio/midi", io.BytesIO(SCORE))
        else:
            yield Audio(part.name, "audio/wav", io.BytesIO(b"RIFF"))
