"""Tasks at the studio, sent and watched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.desk import Desk
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, SongPart, Source, State
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import workshop
from bot.kie.separation import LISTED
from tests.jobs.outside import ANSWERED, BUSY, LOST, Channel, Clock, Files, Moments, NoQueue, Studio
from tests.jobs.storage.test_store import NOW, a_job

UPLOADED = SongPart(Source.ADDRESS, "a.wav", None, upload_url="https://studio.example.com/a.wav")


@dataclass(frozen=True, slots=True)
class Scene:
    """A job of two files that are about to be separated, at a studio that wants to be paid."""

    clock: Clock
    store: Store
    studio: Studio
    steps: Steps
    job_id: str

    async def job(self) -> Job:
        job = await self.store.get(self.job_id)
        assert job is not None
        return job

    async def ordered(self) -> list[str | None]:
        """The ids of the separations of both files."""
        return [part.separation.id if part.separation else None for part in (await self.job()).parts]

    def cancel_while_ordering(self) -> None:
        """Let somebody cancel as soon as the studio is asked for something."""
        desk = Desk(self.store, callback_base=None, job_timeout=timedelta(minutes=20), clock=self.clock)
        moments = self.studio.moments
        moments.meanwhile_in, moments.meanwhile = 0, lambda: desk.cancel(self.job_id)


@pytest.fixture
async def scene(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Scene]:
    clock = Clock()
    async with open_database(database.get("database_url"), tmp_path) as opened, workshop() as music:
        store = Store(opened.transactions, NoQueue(), clock)  # type: ignore[arg-type]  # nothing runs here
        studio = Studio(Moments())
        studios, channel = Studios(studio, prices=LISTED), Channel(studio.moments, store.get)
        poll = timedelta(minutes=1)
        tasks = StudioTasks(store, studios, callback_base=None, poll_every=poll, clock=clock)
        steps = Steps(store, studios, Files(), channel, tasks=tasks, songs=Songs(store, music), clock=clock)
        long_ago = clock() - timedelta(minutes=1)
        job = a_job(state=State.SEPARATING, parts=(UPLOADED, UPLOADED), stage_since=long_ago)
        await store.add(job, NOW)
        yield Scene(clock, store, studio, steps, job.id)


async def test_a_busy_studio_is_asked_again_after_its_pause(scene: Scene) -> None:
    scene.studio.submissions = BUSY
    for _ in range(3):
        await scene.steps.advance(scene.job_id)
        due_at = await scene.store.due_at(scene.job_id)
        assert due_at == pytest.approx(scene.clock.now.timestamp() + 15, abs=0.5)
    scene.studio.submissions = ANSWERED
    await scene.steps.advance(scene.job_id)
    assert await scene.ordered() == ["separation-0", "separation-1"]


async def test_what_is_being_ordered_while_somebody_cancels_keeps_its_id(scene: Scene) -> None:
    scene.cancel_while_ordering()
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).is_unwanted
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.CANCELLED
    assert await scene.ordered() == ["separation-0", None]
    assert scene.studio.separations == 1


async def test_an_order_whose_answer_is_lost_is_cancelled_without_its_id(scene: Scene) -> None:
    scene.studio.submissions = LOST
    scene.cancel_while_ordering()
    with pytest.raises(StaleJobError):  # the queue puts it back
        await scene.steps.advance(scene.job_id)
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.CANCELLED
    assert await scene.ordered() == [None, None]
    assert scene.studio.separations <= 1


async def sent_and_forgotten(scene: Scene) -> None:
    """Both separations are sent, and then the studio has never heard of them."""
    await scene.steps.advance(scene.job_id)
    scene.studio.unknown |= set(scene.studio.tasks)


async def test_a_new_record_has_a_minute_to_appear(scene: Scene) -> None:
    await sent_and_forgotten(scene)
    scene.clock.now += timedelta(seconds=55)
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.SEPARATING


async def test_a_record_that_never_appears_is_told_as_lost(scene: Scene) -> None:
    await sent_and_forgotten(scene)
    scene.clock.now += timedelta(seconds=65)
    await scene.steps.advance(scene.job_id)
    job = await scene.job()
    assert (job.state, job.error_code) == (State.FAILED, "TaskLostError")
