"""What another try of a finished or failed song begins with: all that was paid for, and its files where they are known."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.jobs.shared_sound import RECENT
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.work.studios import Studios
from bot.kie.separation import Separation


class AnotherTry:
    """Finds the parts of a job for another one. `studios` None: nothing is taken apart, and nothing paid for."""

    def __init__(self, store: Store, studios: Studios | None = None) -> None:
        self._store = store
        self._studios = studios

    async def parts(self, job: Job, user_id: int) -> list[SongPart]:
        """The parts of a job for another try, with what was paid for: uploads and separations are not made again.

        `user_id` is who tries: what they or its first asker had separated since counts too.

        Raises:
            SongGoneError: the studio never had them, and where they came from is forgotten.
        """
        if self.is_here(job):
            return self.parts_here(job)
        made = await self._made_of(job, job.separation_type, user_id)
        again = [_again(part, made) for part in job.parts]
        if any(part.needs_upload and not part.source for part in again):
            raise SongGoneError
        return await self._lent(again, job, user_id)

    def is_here(self, job: Job) -> bool:
        """Whether a job is done by the built-in studio where another one is the usual."""
        return self._studios is not None and self._studios.beside(job)

    def parts_here(self, job: Job) -> list[SongPart]:
        """The files of a job, for the built-in studio.

        Raises:
            SongGoneError: where they are is forgotten.
        """
        return [_file_of(part) for part in job.parts]

    async def parts_anew(self, job: Job, kind: Separation, user_id: int) -> list[SongPart]:
        """The parts of a job for a separation of another kind; one that was paid for by now is not made again.

        Raises:
            SongGoneError: there is nothing left to separate.
        """
        made = await self._made_of(job, kind, user_id)
        anew = [_anew(part, made) for part in job.parts]
        if any(part.needs_upload for part in anew):
            raise SongGoneError
        return await self._lent(anew, job, user_id)

    async def _lent(self, parts: list[SongPart], job: Job, user_id: int) -> list[SongPart]:
        """The parts, marked where their sound is another person's than who tries."""
        if user_id == job.reply.user_id and not any(part.is_borrowed for part in parts):
            return parts
        recent = await self._store.recent_of({user_id}, RECENT)
        own = {part.upload_url for one in recent for part in one.parts if not part.is_borrowed}
        return [
            replace(part, is_borrowed=part.upload_url is not None and part.upload_url not in own)
            for part in parts
        ]

    async def _made_of(self, job: Job, kind: Separation | None, user_id: int) -> list[SongPart]:
        """Parts that were lately separated in the same way, the newest first."""
        if self._studios is None:
            return []
        wanted = replace(job, separation_type=kind)
        recent = await self._store.recent_of({job.reply.user_id, user_id})
        return [
            part
            for one in recent
            if self._studios.separates_alike(one, wanted)
            for part in one.parts
            if part.separation and part.separation.id
        ]


def _carried(part: SongPart) -> Task | None:
    """A separation for another job: one that is known at the studio, which was paid for, whether it is done or not."""
    if part.separation is None or part.separation.id is None:
        return None
    return replace(part.separation, is_of_before=True, listed_credits=None, credits=None)


def _again(part: SongPart, made: Sequence[SongPart]) -> SongPart:
    """A part for the same separation: its own, or where that came to nothing a later one of the same audio."""
    own, bare = _carried(part), replace(part, separation=None, midi=None)
    if bare.needs_upload or (own and own.is_done):
        return replace(bare, separation=own)
    return _with_paid(bare, made) or replace(bare, separation=own)


def _anew(part: SongPart, made: Sequence[SongPart]) -> SongPart:
    """A part for another separation, with one of `made` that is of the very same audio, if there is any."""
    bare = replace(part, separation=None, stems=(), audio_id=None, midi=None)
    return bare if bare.needs_upload else _with_paid(bare, made) or bare


def _with_paid(bare: SongPart, made: Sequence[SongPart]) -> SongPart | None:
    """A part with the best separation that there is of its audio: one that is done, else the newest."""
    same = [other for other in made if (other.upload_url, other.music) == (bare.upload_url, bare.music)]
    best = next((other for other in same if other.separation and other.separation.is_done), None)
    if not same:
        return None
    best = best or same[0]
    return replace(bare, separation=_carried(best), stems=best.stems, audio_id=None)


def _file_of(part: SongPart) -> SongPart:
    """The file of a part, where it was given or where a studio has it."""
    if part.source:
        return SongPart(
            part.kind, part.name, part.source, alternatives=part.alternatives, instrument=part.instrument
        )
    if part.upload_url:
        return SongPart(Source.STUDIO, part.name, part.upload_url, instrument=part.instrument)
    raise SongGoneError
