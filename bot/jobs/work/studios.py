"""Who does a job's work, and on what terms."""

from collections.abc import Sequence
from hashlib import sha256
from typing import BinaryIO, Protocol

import msgspec
import structlog

from bot.errors import StudioError, TaskLostError
from bot.jobs.model import HERE, Job
from bot.jobs.song_part import SongPart
from bot.kie.payloads import MidiRecord, MusicRecord, SeparationRecord
from bot.kie.separation import Prices, Separation
from bot.kie.strength import Strength

log = structlog.get_logger(__name__)

_FORGOTTEN_AT_ONCE = 200
"""Of each kind: an address and two ids are some 200 bytes, beneath the 64 KiB that a request to the studio may have."""


class Studio(Protocol):
    """What jobs ask of the remote API; `bot.kie.client.KieClient` is it."""

    async def upload(self, data: BinaryIO, *, name: str, folder: str) -> str: ...
    async def separate(
        self,
        *,
        callback_url: str,
        audio_url: str | None,
        task_id: str | None,
        audio_id: str | None,
        type: str,  # noqa: A002 (the API's own word)
        stem_name: str | None,
    ) -> str: ...
    async def separation(self, task_id: str) -> SeparationRecord: ...
    async def music(self, task_id: str) -> MusicRecord: ...
    async def generate_midi(
        self,
        task_id: str,
        *,
        audio_id: str | None,
        callback_url: str,
        strength: Strength | None,
        instrument: str | None,
    ) -> str: ...
    async def midi(self, task_id: str) -> MidiRecord: ...
    async def credits(self) -> float: ...
    async def forget(
        self, urls: Sequence[str], task_ids: Sequence[str], notes_of: Sequence[str] = ()
    ) -> None: ...
    def moved(self, url: str) -> str: ...


class Beside(Protocol):
    """The built-in studio beside another one, started at the first need."""

    @property
    def started(self) -> Studio | None:
        """It, if this process needed it by now."""

    async def __call__(self) -> Studio:
        """It, started."""


class Studios(msgspec.Struct, frozen=True):
    """The studio of the settings, and where it is installed the built-in one beside it.

    `separation_type` is for jobs that name none. `prices` None: the studio's work is free. `confirms_price`: nothing
    that costs is sent unasked. `here` gives the built-in studio beside it; `is_here` says that `main` is it.
    `is_alone`: no other process works on the same jobs.
    """

    main: Studio
    separation_type: Separation = Separation.TWO_STEMS
    prices: Prices | None = None
    confirms_price: bool = False
    is_here: bool = False
    here: Beside | None = None
    is_alone: bool = True

    async def of(self, job: Job) -> Studio:
        """The studio that does this job.

        Raises:
            TaskLostError: it was to be done by a built-in studio, and this process has none.
            PianolaError: that studio cannot be started.
        """
        if not self.beside(job):
            return self.main
        if self.here is None:
            raise TaskLostError("no built-in studio here")
        return await self.here()

    async def forget(self, jobs: Sequence[Job]) -> None:
        """Let a studio of ours delete what it has of jobs; kie.ai cannot be asked to. What fails goes by itself in a day."""
        await self.forget_parts([part for job in jobs if self.is_ours(job) for part in job.parts])

    async def forget_parts(self, parts: Sequence[SongPart]) -> None:
        """The same for parts of songs that a studio of ours has."""
        tasks = [task for part in parts for task in (part.separation, part.midi)]
        await self._forget(
            urls=[part.upload_url for part in parts if part.upload_url],
            task_ids=[task.id for task in tasks if task and task.id],
        )

    async def forget_uploads(self, urls: Sequence[str]) -> None:
        """Let a studio of ours delete files, and all that was made of them."""
        await self._forget(urls=urls)

    async def forget_notes(self, parts: Sequence[SongPart]) -> None:
        """Let a studio of ours delete what it made of parts whose sound is to stay."""
        tasks = [task for part in parts for task in (part.separation, part.midi)]
        await self._forget(notes_of=[task.id for task in tasks if task and task.id and not task.is_of_before])

    async def _forget(
        self, *, urls: Sequence[str] = (), task_ids: Sequence[str] = (), notes_of: Sequence[str] = ()
    ) -> None:
        studio = self.main if self.is_here else self.here.started if self.here else None
        if studio is None:
            return
        some = _FORGOTTEN_AT_ONCE
        for start in range(0, max(len(urls), len(task_ids), len(notes_of)), some):
            urls_now, tasks_now, notes_now = (ids[start : start + some] for ids in (urls, task_ids, notes_of))
            try:
                await studio.forget(urls_now, tasks_now, notes_now)
            except StudioError as error:
                log.warning("studio.not_forgotten", error=error.code, detail=error.detail)

    def kept_at(self, url: str) -> str:
        """Where a file that was uploaded to a studio is now: a built-in one has another port at each start."""
        return self.main.moved(url) if self.is_here else url

    def beside(self, job: Job) -> bool:
        """Whether a job is done by the built-in studio where another one is the usual."""
        return job.studio == HERE and not self.is_here

    def is_ours(self, job: Job) -> bool:
        """Whether its studio is one of Pianola's, and no company's."""
        return self.is_here or self.beside(job)

    def type_for(self, job: Job) -> Separation:
        """What its song is taken apart into."""
        return job.separation_type or self.separation_type

    def separates_alike(self, one: Job, other: Job) -> bool:
        """Whether a separation of the one would do for the other, were their songs the same."""
        kind = self.type_for(one)
        is_same_instrument = kind is not Separation.ONE_INSTRUMENT or one.stem == other.stem
        return kind is self.type_for(other) and one.studio == other.studio and is_same_instrument

    def pays_for(self, job: Job) -> str | None:
        """What a new job is about to pay for, as 64 characters, where its audio is there from an earlier one; else None.

        Two jobs of which this is alike would pay for the same thing.
        """
        known = [part for part in job.parts if part.upload_url or part.music]
        is_paid = all(part.separation and part.separation.is_done for part in known)
        if is_paid or not self.price_for(job):
            return None
        kind = self.type_for(job)
        audio = [(part.upload_url, part.music and (part.music.id, part.music.track_id)) for part in known]
        stem = job.stem if kind is Separation.ONE_INSTRUMENT else None
        return sha256(msgspec.json.encode((job.studio, kind, stem, audio))).hexdigest()

    def price_for(self, job: Job) -> float | None:
        """The listed credits of one of its separations; None: it is free, and may be sent twice."""
        if self.prices is None or self.beside(job):
            return None
        return self.prices.get(self.type_for(job), 0.0)
