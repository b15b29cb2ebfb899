"""Whose a job is by its acknowledgement, and what is shown of a step that takes long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from bot.jobs.work import showing as module
from bot.jobs.work.outside import Answered
from bot.jobs.work.showing import Showing
from tests.jobs.outside import Clock, NoQueue
from tests.jobs.replies import a_reply
from tests.jobs.storage.test_store import NOW, a_job


class Channel:
    """Discord, which says whose acknowledgement it took."""

    def __init__(self) -> None:
        self.answered = Answered.OURS
        self.shown: list[State] = []

    async def whose(self, _job: Job) -> Answered:
        return self.answered

    async def show(self, job: Job) -> None:
        self.shown.append(job.state)


@dataclass(slots=True)
class Scene:
    clock: Clock
    store: Store
    channel: Channel
    showing: Showing

    async def added(self, **of_reply: Any) -> Job:
        reply = a_reply(self.clock.now, **of_reply)
        job = a_job(reply=reply, state=State.UPLOADING, created_at=self.clock.now, is_acknowledged=False)
        assert await self.store.add(job, NOW)
        kept = await self.store.get(job.id)
        assert kept
        return kept


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock, channel = Clock(), Channel()
    async with open_database(None, tmp_path) as opened:
        queue: Any = NoQueue()
        store = Store(opened.transactions, queue, clock)
        courier: Any = channel
        yield Scene(clock, store, channel, Showing(store, courier, clock))


async def test_an_acknowledgement_of_ours_is_gone_on_with(scene: Scene) -> None:
    ours = await scene.showing.ours(await scene.added())
    assert ours
    assert (ours.is_acknowledged, ours.reply.token) == (True, "token")


async def test_one_that_is_not_there_yet_may_be_on_its_way(scene: Scene) -> None:
    scene.channel.answered = Answered.NOBODYS
    job = await scene.added()
    assert await scene.showing.ours(job) is None
    assert await scene.store.get(job.id)
    due_at = await scene.store.wakeups.due_at(job.id)
    assert due_at == pytest.approx(scene.clock.now.timestamp() + 4, abs=0.5)


async def test_one_that_never_came_is_answered_in_the_channel(scene: Scene) -> None:
    scene.channel.answered = Answered.NOBODYS
    job = await scene.added()
    scene.clock.now += timedelta(seconds=5)
    ours = await scene.showing.ours(job)
    assert ours
    assert (ours.is_acknowledged, ours.reply.token) == (True, "")


@pytest.mark.parametrize("of_reply", [{"may_post": False}, {"is_private": True}])
async def test_where_nobody_could_be_told_nothing_is_spent(scene: Scene, of_reply: dict[str, Any]) -> None:
    scene.channel.answered = Answered.NOBODYS
    job = await scene.added(**of_reply)
    scene.clock.now += timedelta(seconds=5)
    assert await scene.showing.ours(job) is None
    assert await scene.store.get(job.id) is None


async def test_what_another_process_acknowledged_is_its_own(scene: Scene) -> None:
    scene.channel.answered = Answered.ANOTHERS
    job = await scene.added()
    assert await scene.showing.ours(job) is None
    assert await scene.store.get(job.id) is None


async def test_a_quick_step_is_not_shown(scene: Scene) -> None:
    async def step() -> str:
        return "done"

    assert await scene.showing.during(await scene.added(), step()) == "done"
    assert scene.channel.shown == []


async def test_a_slow_step_is_shown_and_ends_when_somebody_cancels(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    now, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + later)
    job = await scene.added()
    waiting = asyncio.create_task(scene.showing.during(job, asyncio.Event().wait()))

    async def until(is_so: Callable[[], bool]) -> None:
        nonlocal later
        while not is_so():
            later += 5.0
            # The loop notices that it is later.
            await asyncio.sleep(0.01)
            assert later < 5000

    await until(lambda: len(scene.channel.shown) == 2)
    cancelled = replace(job.cancelled(scene.clock()), state=State.CANCELLED)
    await scene.store.save(cancelled)
    await until(waiting.done)
    assert await waiting is None


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_what_was_deleted_or_is_being_cancelled_is_shown_no_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, is_forgotten: bool
) -> None:
    monkeypatch.setattr(module, "_QUICK_SECONDS", 0.01)
    job = await scene.added()
    if is_forgotten:
        await scene.store.withdraw(job.id)
        async with asyncio.timeout(20):
            assert await scene.showing.during(job, asyncio.Event().wait()) is None
    else:
        await scene.store.save(replace(job, is_unwanted=True))
        go_on = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, go_on.set)
        assert await scene.showing.during(job, go_on.wait()) is True
    assert scene.channel.shown == []
