"""A finished song, changed as its asker says: more or fewer notes, what an instrument is, where its bars are, what of it is shown. Nothing is paid for twice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from weakref import WeakValueDictionary

import structlog
from msgspec.structs import replace

from bot.errors import (
    HeardNoMoreError,
    NothingLeftError,
    PianolaError,
    SongGoneError,
    StillListeningError,
    TaskLostError,
)
from bot.jobs.model import Job
from bot.jobs.storage.store import Store
from bot.jobs.work.songs import Songs
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import NOWHERE
from bot.kie.errors import NotFoundError, failure
from bot.kie.payloads import Progress
from bot.kie.strength import Strength
from bot.music.clock_time import exact_time
from bot.music.errors import EmptyExcerptError, OnlyDrumsError, PartAfterEndError
from bot.music.meter.chosen import ChosenBars
from bot.music.meter.kept import KeptBars
from bot.music.said import DRUMS, Said, key_of
from bot.music.song import Song
from bot.music.view.view import View

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.2
"""Between two looks at a studio of ours, which has most of what is asked for within a second."""

_PATIENCE_SECONDS = 600.0
"""For all parts together: half an hour of drums has to be listened to anew, and an interaction lives 900 s."""

_TRIES = 3
"""Of a song that is written by others meanwhile, which happens once in its life: when its answer is posted."""


class Retelling:
    """Changes songs. All that is made of one from then on is made of what it became."""

    def __init__(self, store: Store, studios: Studios, songs: Songs) -> None:
        self._store = store
        self._studios = studios
        self._songs = songs
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def at_strength(self, job: Job, strength: Strength) -> Job:
        """The song with more or fewer notes.

        Raises:
            SongGoneError: it is kept no more.
            HeardNoMoreError: the studio has it no more.
            StillListeningError: the studio takes too long to hear it.
            NothingLeftError: nothing would be left of it.
        """

        async def change(now: Job) -> Job | None:
            changed = replace(now, strength=strength)
            notes = {number: await self._told(changed, number) for number in range(len(now.parts))}
            return await self._kept(changed, notes)

        return await self._changed(job, change)

    async def as_instrument(self, job: Job, place: int | None, instrument: str) -> Job:
        """The song whose track at `place` (None: all of it) is that instrument; what is to be heard in another way is.

        Raises:
            SongGoneError, HeardNoMoreError, StillListeningError, NothingLeftError: as above.
        """

        async def change(now: Job) -> Job | None:
            heard = await self._songs.heard(now)
            if place is None:
                return await self._whole(now, heard, 0, instrument)
            # The places are those of what was shown, which is told of what was heard.
            if not 0 <= place < len(heard.tracks):
                raise SongGoneError
            track = heard.tracks[place]
            if now.can_be_retold and track.is_drums != (instrument == DRUMS):
                return await self._whole(now, heard, track.part, instrument)
            return await self._kept(replace(now, said=_with(now, heard, place, instrument)))

        return await self._changed(job, change)

    async def with_bars(self, job: Job, bars: ChosenBars) -> Job:
        """The song with bars as its asker says.

        Raises:
            SongGoneError: it is kept no more.
            NoBeatError: they are to be those that were heard, and there are none.
            FirstBarUnclearError: the first one is to begin after the song's end.
        """

        async def change(now: Job) -> Job | None:
            return await self._kept(replace(now, bars=bars), chooses_bars=True)

        return await self._changed(job, change)

    async def with_view(self, job: Job, view: View) -> Job:
        """The song in another key, or an excerpt of it; all notes stay kept.

        Raises:
            SongGoneError: it is kept no more.
            PartAfterEndError: it begins where the song is over.
            EmptyExcerptError: nothing sounds there.
            OnlyDrumsError: nothing in it has a key.
        """

        async def change(now: Job) -> Job | None:
            song = await self._songs.whole(now)
            if not song.tracks:
                raise SongGoneError
            if view.semitones and not song.has_pitches:
                raise OnlyDrumsError
            length = song.duration_seconds
            if view.start_seconds >= length:
                raise PartAfterEndError(start=exact_time(view.start_seconds), length=exact_time(length))
            if not await self._songs.sounds_in(now, song, view):
                raise EmptyExcerptError(
                    start=exact_time(view.start_seconds),
                    end=exact_time(length if view.end_seconds is None else view.end_seconds),
                    length=exact_time(length),
                )
            changed = replace(now, view=None if view.is_usual else view)
            return await self._amended(changed, {})

        return await self._changed(job, change)

    async def _whole(self, job: Job, heard: Song, number: int, instrument: str) -> Job | None:
        """A part that is that instrument alone, and what was said of its tracks before is no more."""
        elsewhere = {key_of(heard, place) for place, track in enumerate(heard.tracks) if track.part != number}
        said = tuple(one for one in job.said if (one.name, one.nth) in elsewhere)
        changed = job.with_part(number, replace(job.parts[number], instrument=instrument))
        changed = replace(changed, said=said)
        return await self._kept(changed, {number: await self._told(changed, number)})

    async def _told(self, job: Job, number: int) -> bytes:
        """The notes of a part, as the job wants them now."""
        part, studio = job.parts[number], await self._studios.of(job)
        if part.separation is None or part.separation.id is None:
            raise HeardNoMoreError
        try:
            task_id = await studio.generate_midi(
                part.separation.id,
                audio_id=part.audio_id,
                callback_url=NOWHERE,
                strength=job.strength,
                instrument=part.instrument,
            )
            while True:
                record = await studio.midi(task_id)
                if record.progress is not Progress.PENDING:
                    break
                await asyncio.sleep(_LOOK_SECONDS)
        except NotFoundError as error:
            raise HeardNoMoreError(str(error)) from error
        if record.progress is Progress.MISSING:
            raise HeardNoMoreError(f"{task_id} is gone")
        if record.progress is Progress.FAILED:
            raise failure(record.error_code, record.error_message, about_audio=True)
        if record.notes is None:
            raise TaskLostError(f"no notes of {task_id}")
        return record.notes

    async def _kept(
        self, job: Job, notes: Mapping[int, bytes] | None = None, *, chooses_bars: bool = False
    ) -> Job | None:
        """Write down what the song became, unless nothing would be left of it; None: it was written meanwhile."""
        notes = notes or {}
        bodies = {**await self._store.notes(job.id), **notes}
        song = await self._songs.of(job, bodies, chooses_bars=chooses_bars)
        if not song.tracks:
            raise NothingLeftError
        bars = KeptBars.found_in(song)
        kept = replace(job, instruments=len(song.tracks), notes=song.note_count, kept_bars=bars)
        return await self._amended(kept, notes)

    async def _amended(self, job: Job, notes: Mapping[int, bytes]) -> Job | None:
        if not await self._store.amend(job, notes):
            return None
        log.info("job.retold", job=job.id, strength=job.strength, parts=len(notes))
        return replace(job, revision=job.revision + 1)

    async def _changed(self, job: Job, change: Callable[[Job], Awaitable[Job | None]]) -> Job:
        """What `change` makes of the song as it stands, which nobody else changes meanwhile; again where it gives None."""
        patience = asyncio.timeout(_PATIENCE_SECONDS)
        try:
            async with patience, self._turns.setdefault(job.id, asyncio.Lock()):
                for _ in range(_TRIES):
                    now = await self._store.get(job.id)
                    if now is None:
                        raise SongGoneError
                    if changed := await change(now):
                        return changed
        except TimeoutError as error:
            if patience.expired():
                raise StillListeningError from error
            raise
        raise PianolaError(f"written {_TRIES} times meanwhile")


def _with(job: Job, heard: Song, place: int, instrument: str) -> tuple[Said, ...]:
    said = Said(*key_of(heard, place), instrument)
    return (*(one for one in job.said if (one.name, one.nth) != (said.name, said.nth)), said)
