"""Questions that jobs wait with: asked once, answered in time, or given up."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
from msgspec.structs import replace

from bot.jobs.admission import Asker
from bot.jobs.desk import Desk
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Hold, Job, Question, State
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import workshop
from bot.kie.separation import LISTED
from bot.measures import JOB_SECONDS, spreads_of
from tests.jobs.outside import Channel, Files, Moments, Studio
from tests.jobs.storage.test_store import NOON, NOW, Clock, a_job

SOON = timedelta(minutes=5)
A_HOLD = Hold(Question.PRICE, since=NOON, until=NOON + timedelta(minutes=14), price=10.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(database: dict[str, str], tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Store(opened.transactions, opened.queue, clock)


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, callback_base=None, job_timeout=timedelta(minutes=20), clock=clock)


@pytest.fixture
async def held(store: Store) -> Job:
    job = a_job(state=State.SEPARATING, hold=A_HOLD)
    await store.add(job, NOW)
    return job


async def test_the_time_of_an_answer_is_given_back(desk: Desk, store: Store, held: Job, clock: Clock) -> None:
    clock.now += SOON
    later = a_job(interaction_id=2).reply
    assert await desk.answer(held.id, Question.PRICE, "yes", later)
    job = await store.get(held.id)
    assert job is not None
    assert (job.hold, job.answers) == (None, {Question.PRICE: "yes"})
    assert job.deadline_at == held.deadline_at + SOON
    assert job.worked(clock.now) == timedelta(0)


async def test_an_answer_brings_a_token_that_lives_longer(
    desk: Desk, store: Store, held: Job, clock: Clock
) -> None:
    clock.now += SOON
    expires = clock.now + timedelta(minutes=15)
    pressed = replace(a_job(interaction_id=2).reply, token="newer", token_expires_at=expires)
    assert await desk.answer(held.id, Question.PRICE, "yes", pressed)
    job = await store.get(held.id)
    assert job is not None
    assert (job.reply.token, job.reply.token_expires_at) == ("newer", expires)
    assert job.reply.interaction_id == held.reply.interaction_id


async def test_only_what_was_asked_is_answered_and_once(desk: Desk, held: Job) -> None:
    assert not await desk.answer(held.id, Question.TRACK, "0", held.reply)
    assert await desk.answer(held.id, Question.PRICE, "yes", held.reply)
    assert not await desk.answer(held.id, Question.PRICE, "yes", held.reply)
    assert not await desk.answer("0" * 20, Question.PRICE, "yes", held.reply)


async def test_an_answer_after_the_time_is_none(desk: Desk, held: Job, clock: Clock) -> None:
    clock.now = A_HOLD.until
    assert not await desk.answer(held.id, Question.PRICE, "yes", held.reply)


async def test_a_cancelled_question_cannot_be_answered(desk: Desk, held: Job) -> None:
    assert await desk.cancel(held.id)
    assert not await desk.answer(held.id, Question.PRICE, "yes", held.reply)


async def test_a_question_that_comes_later_than_a_cancel_is_taken_back(
    desk: Desk, store: Store, held: Job, clock: Clock
) -> None:
    retracted: list[Job] = []

    class Slow(Channel):
        async def ask(self, job: Job) -> None:
            assert await desk.cancel(job.id)

        async def retract(self, job: Job) -> None:
            retracted.append(job)

    moments = Moments()
    studios = Studios(Studio(moments), prices=LISTED, confirms_price=True)
    tasks = StudioTasks(store, studios, callback_base=None, poll_every=SOON, clock=clock)
    async with workshop() as music:
        songs, channel = Songs(store, music), Slow(moments, store.get)
        steps = Steps(store, studios, Files(), channel, tasks=tasks, songs=songs, clock=clock)
        with pytest.raises(StaleJobError):
            await steps.advance(held.id)
    assert [job.id for job in retracted] == [held.id]


async def test_a_question_is_given_up_in_time_and_nothing_was_spent(
    desk: Desk, store: Store, clock: Clock
) -> None:
    moments = Moments()
    studio, channel = Studio(moments), Channel(moments, store.get)
    studios = Studios(studio, prices=LISTED, confirms_price=True)
    tasks = StudioTasks(store, studios, callback_base=None, poll_every=SOON, clock=clock)
    job = await desk.open(a_job().reply, "Night Drive", a_job().parts, None, asker=Asker(user_id=7))
    assert job is not None
    async with workshop() as music:
        steps = Steps(store, studios, Files(), channel, tasks=tasks, songs=Songs(store, music), clock=clock)
        for _ in range(4):  # begin, upload, hold, ask
            await steps.advance(job.id)
        waiting = await store.get(job.id)
        assert waiting is not None
        assert waiting.hold is not None
        assert (waiting.hold.price, waiting.hold.credits_left) == (10.0, 100.0)
        due_at = await store.wakeups.due_at(job.id)
        assert due_at == pytest.approx(waiting.hold.until.timestamp(), abs=0.1)
        # It was opened for twenty minutes; what it waits for an answer is not the studio's time.
        clock.now = waiting.hold.until
        await steps.advance(job.id)
    ended = await store.get(job.id)
    assert ended is not None
    assert (ended.state, ended.error_code) == (State.FAILED, "NobodyAnsweredError")
    assert waiting.hold.until < waiting.reply.token_expires_at
    assert studio.separations == 0


async def test_the_seconds_of_a_job_are_without_what_its_asker_took(store: Store, clock: Clock) -> None:
    def counted() -> tuple[int, float]:
        spreads = spreads_of(JOB_SECONDS)
        return (sum(spreads[()].counts), spreads[()].seconds) if () in spreads else (0, 0.0)

    job = a_job(state=State.DELIVERING, message_id=9, held_seconds=300.0)
    await store.add(job, NOW)
    moments, unused = Moments(), cast("Any", None)
    songs = SimpleNamespace(prepared=AsyncMock(return_value=SimpleNamespace(note_count=3)))
    steps = Steps(
        store,
        Studios(Studio(moments)),
        unused,
        Channel(moments, store.get),
        tasks=unused,
        songs=cast("Songs", songs),
        clock=clock,
    )
    number, seconds = counted()
    clock.now += timedelta(seconds=310)
    await steps.advance(job.id)
    number_now, seconds_now = counted()
    assert number_now == number + 1
    assert seconds_now - seconds == pytest.approx(10)
