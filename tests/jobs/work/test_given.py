"""Ids that somebody typed: what the studio says they are, and what is told where it knows of none."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.errors import MusicUnfinishedError, PianolaError, StudioError
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, Question
from bot.jobs.song_part import Music, SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.work.given import GivenTasks, with_chosen_track
from bot.jobs.work.studios import Studios
from bot.kie.errors import BusyError, GenerationFailedError, NotFoundError
from bot.kie.music import Track
from bot.kie.payloads import MusicRecord, Progress, SeparationRecord
from bot.kie.stems import Stem
from tests.jobs.outside import TRACKS, Clock, NoQueue
from tests.jobs.storage.test_store import NOON, NOW, a_job

STEMS = (Stem("stem-1", "Vocals", "https://cdn.example.com/vocals.mp3"),)
MISSING = SeparationRecord(Progress.MISSING)


@dataclass(slots=True)
class Records:
    """A studio that says this of every id."""

    separation_record: SeparationRecord | StudioError = MISSING
    music_record: MusicRecord = field(default_factory=lambda: MusicRecord(Progress.MISSING))
    looked_up: list[str] = field(default_factory=list)

    async def separation(self, task_id: str) -> SeparationRecord:
        self.looked_up.append(task_id)
        if isinstance(self.separation_record, StudioError):
            raise self.separation_record
        return self.separation_record

    async def music(self, task_id: str) -> MusicRecord:
        self.looked_up.append(task_id)
        return self.music_record


@dataclass(slots=True)
class Scene:
    """A job of one id that was typed."""

    store: Store
    job: Job

    async def known_as(self, records: Records) -> SongPart:
        """What the id is, at a studio with these records."""
        studio: Any = records
        (part,) = (await GivenTasks(self.store, Studios(studio)).identify(self.job)).parts
        return part


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    typed = SongPart(Source.TASK, "", "an-id", separation=Task(sent_at=NOON, id="an-id"))
    async with open_database(None, tmp_path) as opened:
        queue: Any = NoQueue()
        store = Store(opened.transactions, queue, Clock())
        job = a_job(parts=(typed,))
        await store.add(job, NOW)
        yield Scene(store, job)


@pytest.mark.parametrize("progress", [Progress.DONE, Progress.PENDING])
async def test_a_separation_is_known_by_its_stems_and_waited_for_where_it_is_not_done(
    scene: Scene, progress: Progress
) -> None:
    part = await scene.known_as(Records(SeparationRecord(progress, STEMS)))
    assert part.stems == STEMS
    assert part.separation
    assert part.separation.is_done is (progress is Progress.DONE)


async def test_what_cannot_be_looked_up_is_sent_all_the_same(scene: Scene) -> None:
    records = Records(BusyError())
    assert await scene.known_as(records) == scene.job.parts[0]
    assert records.looked_up == ["an-id"]


@pytest.mark.parametrize(
    ("records", "error"),
    [
        (Records(SeparationRecord(Progress.FAILED, error_code=501)), GenerationFailedError),
        (Records(MISSING, MusicRecord(Progress.FAILED, TRACKS, error_code=501)), GenerationFailedError),
        (Records(MISSING, MusicRecord(Progress.MISSING, TRACKS)), NotFoundError),
        (Records(MISSING, MusicRecord(Progress.PENDING, TRACKS)), MusicUnfinishedError),
        (Records(MISSING, MusicRecord(Progress.DONE)), MusicUnfinishedError),
    ],
)
async def test_an_id_that_is_no_song_is_told(
    scene: Scene, records: Records, error: type[PianolaError]
) -> None:
    with pytest.raises(error):
        await scene.known_as(records)


@pytest.mark.parametrize(("tracks", "track_id"), [(TRACKS, None), (TRACKS[:1], "track-a")])
async def test_music_is_known_by_its_tracks(
    scene: Scene, tracks: tuple[Track, ...], track_id: str | None
) -> None:
    part = await scene.known_as(Records(MISSING, MusicRecord(Progress.DONE, tracks)))
    assert part.separation is None
    assert part.music == Music("an-id", tracks, track_id)


def test_a_track_that_was_chosen_names_the_song() -> None:
    given = SongPart(Source.TASK, "", "an-id", music=Music("an-id", TRACKS))
    other = SongPart(Source.ADDRESS, "b.wav", "https://example.com/b.wav")
    job = replace(a_job(parts=(other, given), title=""), answers={Question.TRACK: "1"})
    chosen = with_chosen_track(job)
    assert chosen.title == "Night Drive"
    assert chosen.parts[0] == other
    assert chosen.parts[1].music == Music("an-id", TRACKS, "track-b")
