"""What a given task id turns out to be: a separation, or a piece of music that is to be separated."""

from msgspec.structs import replace

from bot.errors import MusicUnfinishedError
from bot.jobs.model import Job, Question
from bot.jobs.song_part import Music, SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.work.looks import glance
from bot.jobs.work.studios import Studios
from bot.kie.errors import NotFoundError, failure
from bot.kie.payloads import Progress


class GivenTasks:
    """Looks given ids up."""

    def __init__(self, store: Store, studios: Studios) -> None:
        self._store = store
        self._studios = studios

    async def identify(self, job: Job) -> Job:
        """The job with what its ids stand for: a separation's stems, or the tracks of a music task.

        Raises:
            NotFoundError: the studio knows it as neither.
            MusicUnfinishedError: the music is still being made.
            StudioError: it failed; or it is no separation, and cannot be looked up as music.
        """
        for number, part in enumerate(job.parts):
            if _is_unknown(part) and part.separation and part.separation.id:
                known = await self._known(job, part, part.separation, part.separation.id)
                job = await self._store.save(job.with_part(number, known), wake_in=None)
        return job

    async def _known(self, job: Job, part: SongPart, task: Task, task_id: str) -> SongPart:
        studio = await self._studios.of(job)
        record = await glance(studio.separation(task_id))
        if record is None:
            # Its stems would be good to know; what is sent tells by itself whether there is such a separation.
            return part
        if record.progress is Progress.FAILED:
            raise failure(record.error_code, record.error_message)
        if record.progress is not Progress.MISSING:
            # One that is not finished yet is waited for like our own.
            is_done = record.progress is Progress.DONE
            return replace(part, separation=replace(task, is_done=is_done), stems=record.stems)
        music = await studio.music(task_id)
        if music.progress is Progress.MISSING:
            raise NotFoundError(f"no record of {task_id}")
        if music.progress is Progress.FAILED:
            raise failure(music.error_code, music.error_message)
        if music.progress is Progress.PENDING or not music.tracks:
            raise MusicUnfinishedError
        track_id = music.tracks[0].id if len(music.tracks) == 1 else None
        return replace(part, separation=None, music=Music(task_id, music.tracks, track_id))


def _is_unknown(part: SongPart) -> bool:
    return part.kind is Source.TASK and part.music is None and not part.stems


def with_chosen_track(job: Job) -> Job:
    """The job with the track that was chosen, and its title."""
    place = int(job.answers.get(Question.TRACK, "-1"))
    for number, part in enumerate(job.parts):
        if part.music is None:
            continue
        music = part.music
        if music.track_id is None and 0 <= place < len(music.tracks):
            music = replace(music, track_id=music.tracks[place].id)
        title = next((track.title for track in music.tracks if track.id == music.track_id), "")
        job = replace(
            job.with_part(number, replace(part, music=music, name=title or part.name)),
            title=title or job.title,
        )
    return job
