"""What is promised of a job, on SQLite and on Postgres: the usual time, and who came before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.jobs.engines.opening import open_database
from bot.jobs.model import Hold, Job, Question, State
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.estimates import Estimate, Estimates
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import jobs
from tests.jobs.storage.test_store import NOON, NOW, Announcements, a_job


@dataclass(slots=True)
class Scene:
    """Jobs in a database, and a monotonic clock that only a test moves."""

    transactions: Transactions
    store: Store
    seconds: float = 0.0
    count: int = 0
    estimates: Estimates = field(init=False)

    def __post_init__(self) -> None:
        self.estimates = Estimates(self.transactions, lambda: self.seconds)

    async def add(self, state: State = State.TRANSCRIBING, **changes: Any) -> Job:
        """A job, asked for a second after the one before."""
        self.count += 1
        at = NOON + timedelta(seconds=self.count)
        job = replace(a_job(self.count, created_at=at, studio="kie"), **changes)
        await self.store.add(job, NOW)
        return job if state is job.state else await self.store.save(job.moved(state, at))

    async def ended(self, *seconds: float, state: State = State.DONE, **changes: Any) -> None:
        """Jobs that took so long."""
        for took in seconds:
            job = await self.add(State.RECEIVED, **changes)
            await self.store.save(job.moved(state, job.created_at + timedelta(seconds=took)))

    async def usual(self, job: Job) -> float | None:
        usual = (await self.estimates.of(job)).usual
        return usual.total_seconds() if usual else None

    async def before(self, job: Job) -> int:
        return (await self.estimates.of(job)).before


@pytest.fixture
async def scene(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Scene(opened.transactions, Store(opened.transactions, Announcements()))  # type: ignore[arg-type]  # nothing runs here


async def test_nothing_is_promised_to_the_first(scene: Scene) -> None:
    assert await scene.estimates.of(await scene.add()) == Estimate(usual=None, before=0)


async def test_two_finished_jobs_tell_nothing_and_three_the_usual_time(scene: Scene) -> None:
    job = await scene.add()
    await scene.ended(60, 80)
    assert await scene.usual(job) is None
    await scene.ended(400)
    scene.seconds += 61
    assert await scene.usual(job) == 80


async def test_failed_and_cancelled_jobs_do_not_count(scene: Scene) -> None:
    job = await scene.add()
    await scene.ended(1, 1, 1, state=State.FAILED)
    await scene.ended(1, 1, 1, state=State.CANCELLED)
    await scene.ended(60, 60)
    assert await scene.usual(job) is None


async def test_each_studio_and_kind_of_job_has_a_time_of_its_own(scene: Scene) -> None:
    await scene.ended(60, 60, 60)
    await scene.ended(20, 20, 20, begins_with=State.TRANSCRIBING)
    await scene.ended(30, 30, 30, studio="builtin")
    expected = {("kie", "uploading"): 60, ("kie", "transcribing"): 20, ("builtin", "uploading"): 30}
    for (studio, stage), seconds in expected.items():
        assert await scene.usual(await scene.add(studio=studio, begins_with=State(stage))) == seconds
    assert await scene.usual(await scene.add(studio="builtin", begins_with=State.TRANSCRIBING)) is None


async def test_old_jobs_give_way_to_recent_ones(scene: Scene) -> None:
    await scene.ended(*[300] * 60)
    await scene.ended(*[20] * 50)
    assert await scene.usual(await scene.add()) == 20


async def test_the_usual_time_is_not_asked_for_at_every_edit(scene: Scene) -> None:
    job = await scene.add()
    await scene.ended(60, 60, 60)
    assert await scene.usual(job) == 60
    await scene.ended(*[20] * 9)
    scene.seconds += 59
    assert await scene.usual(job) == 60
    scene.seconds += 1
    assert await scene.usual(job) == 20


async def test_jobs_that_came_earlier_and_are_at_the_studio_are_before(scene: Scene) -> None:
    first = await scene.add(State.SEPARATING)
    second = await scene.add(State.TRANSCRIBING)
    mine = await scene.add(State.UPLOADING)
    later = await scene.add(State.TRANSCRIBING)
    assert [await scene.before(job) for job in (first, second, mine, later)] == [0, 1, 2, 2]


async def test_jobs_that_are_elsewhere_or_at_an_end_are_not_before(scene: Scene) -> None:
    for state in set(State) - {State.SEPARATING, State.TRANSCRIBING}:
        await scene.add(state)
    await scene.add(State.TRANSCRIBING, studio="builtin")
    await scene.add(State.TRANSCRIBING, studio="kie2")
    assert await scene.before(await scene.add()) == 0


async def test_a_job_that_waits_for_an_answer_is_before_nobody(scene: Scene) -> None:
    first = await scene.add(State.SEPARATING)
    mine = await scene.add()
    hold = Hold(Question.PRICE, since=NOON, until=NOON + timedelta(minutes=10))
    first = await scene.store.save(first.held(hold))
    assert await scene.before(mine) == 0
    await scene.store.save(first.answered("yes", NOON))
    scene.seconds += 3
    assert await scene.before(mine) == 1


async def test_what_was_waited_for_an_answer_counts_for_no_time(scene: Scene) -> None:
    await scene.ended(660, 660, 660, held_seconds=600.0)
    assert await scene.usual(await scene.add()) == 60


async def test_the_line_is_looked_at_every_three_seconds(scene: Scene) -> None:
    first = await scene.add(State.TRANSCRIBING)
    mine = await scene.add()
    assert await scene.before(mine) == 1
    await scene.store.save(first.moved(State.DONE, NOON))
    scene.seconds += 2
    assert await scene.before(mine) == 1
    scene.seconds += 1
    assert await scene.before(mine) == 0


async def test_a_database_that_is_away_promises_nothing(scene: Scene) -> None:
    job = await scene.add()
    await scene.transactions.write("table dropped", jobs.drop)
    assert await scene.estimates.of(job) == Estimate()


async def test_of_a_song_that_would_be_sent_now_all_at_the_studio_came_before(scene: Scene) -> None:
    assert await scene.estimates.of_next("kie") == Estimate(usual=None, before=0)
    await scene.ended(60, 80, 400)
    await scene.ended(1, 1, 1, begins_with=State.TRANSCRIBING)
    await scene.add()
    await scene.add(studio="builtin")
    scene.seconds += 61
    assert await scene.estimates.of_next("kie") == Estimate(timedelta(seconds=80), before=1)


async def test_the_usual_time_follows_the_length_of_the_song(scene: Scene) -> None:
    part = replace(a_job(0).parts[0], upload_url="https://files.example/song")
    for minutes, took in ((1, 20), (2, 30), (4, 50)):
        await scene.ended(took, parts=(replace(part, seconds=60.0 * minutes),))
    long = await scene.add(parts=(replace(part, seconds=600.0),))
    assert await scene.usual(long) == pytest.approx(110)
    assert await scene.usual(await scene.add()) == 30
