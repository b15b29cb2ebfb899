"""A step that fails again and again in a way that nobody foresaw: when a job is given up, and what becomes of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import PianolaError
from bot.jobs.engines.look import MOST_FAILURES, look
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from tests.jobs.outside import Channel, Clock, Moments, NoQueue, Studio
from tests.jobs.storage.test_store import NOW, a_job


class Broken:
    """Steps of which each fails."""

    def __init__(self, steps: Steps) -> None:
        self.advanced = 0
        self._steps = steps

    async def advance(self, _job_id: str) -> None:
        self.advanced += 1
        raise RuntimeError("nobody foresaw this")

    async def give_up(self, job_id: str) -> None:
        await self._steps.give_up(job_id)


class Scene:
    """A store, and what every look at a job of it comes to."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.channel = Channel(Moments(), store.get)
        unused: Any = None
        studios = Studios(Studio(Moments()))
        self.steps = Steps(store, studios, unused, self.channel, tasks=unused, songs=unused, clock=clock)
        self.broken = Broken(self.steps)

    async def add(self, state: State) -> Job:
        job = a_job(state=state, stage_since=self.clock())
        await self.store.add(job, NOW)
        return job

    async def fail(self, job: Job, times: int) -> Job:
        """Look at a job so many times; returns it as it then is."""
        for _ in range(times):
            await look(self.store.wakeups, self.broken, job.id, self.clock().timestamp())
        read = await self.store.get(job.id)
        assert read is not None
        return read


@pytest.fixture
async def scene(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Scene]:
    clock = Clock()
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Scene(Store(opened.transactions, NoQueue(), clock), clock)  # type: ignore[arg-type]  # nothing runs here


async def test_some_failures_are_no_reason_to_give_up(scene: Scene) -> None:
    job = await scene.fail(await scene.add(State.SEPARATING), MOST_FAILURES - 1)
    assert job.state is State.SEPARATING
    assert scene.channel.refused == []


async def test_a_song_that_fails_again_and_again_is_told(scene: Scene) -> None:
    job = await scene.fail(await scene.add(State.SEPARATING), MOST_FAILURES)
    assert job.error_code == PianolaError().code


async def test_a_result_is_offered_for_a_day(scene: Scene) -> None:
    job = await scene.add(State.DELIVERING)
    scene.clock.now += timedelta(hours=23)
    assert (await scene.fail(job, MOST_FAILURES + 4)).state is State.DELIVERING


async def test_a_result_that_nobody_takes_for_a_day_is_kept(scene: Scene) -> None:
    job = await scene.add(State.DELIVERING)
    scene.clock.now += timedelta(hours=25)
    kept = await scene.fail(job, MOST_FAILURES)
    assert (kept.state, kept.message_id, kept.error_code) == (State.DONE, None, None)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
async def test_what_is_over_is_left_as_it_is(scene: Scene, state: State) -> None:
    job = await scene.add(state)
    before = await scene.store.get(job.id)
    for look_at in (scene.steps.advance, scene.steps.give_up):
        await look_at(job.id)
    assert await scene.store.get(job.id) == before


async def test_what_is_gone_is_nobodys_trouble(scene: Scene) -> None:
    for look_at in (scene.steps.advance, scene.steps.give_up):
        await look_at("gone")
    assert scene.channel.refused == []
