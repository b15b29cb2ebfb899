"""The queue on Postgres: whoever is told of a wake-up follows it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.clock import utc_now
from bot.jobs.engines import procrastinate as postgres
from bot.jobs.engines.opening import open_database
from bot.jobs.model import State
from bot.jobs.storage.store import Store
from tests.jobs.storage.test_store import NOW, a_job


class Walk:
    """Brings a job from state to state, and asks each time for the next look at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seen: list[State] = []
        self.is_over = asyncio.Event()

    async def advance(self, job_id: str) -> None:
        job = await self._store.get(job_id)
        assert job is not None
        following = next(state for state in State if state.rank == job.state.rank + 1)
        self.seen.append(following)
        await self._store.save(job.moved(following, utc_now()))
        if following.is_final:
            self.is_over.set()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)


async def walk_through(url: str, folder: Path) -> None:
    """A job goes all its way."""
    async with open_database(url, folder) as opened:
        store = Store(opened.transactions, opened.queue)
        walk = Walk(store)
        await store.add(a_job(), NOW)
        async with opened.queue.running(store.wakeups, walk), asyncio.timeout(30):
            await walk.is_over.wait()
    assert walk.seen[-1].is_final


async def test_steps_in_a_row_do_not_wait_until_somebody_looks_again(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_POLL_SECONDS", 3600.0)
    await walk_through(postgres_url, tmp_path)


class Line:
    """Holds all jobs until they may go on; `taken` are those that came."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.may_go_on = asyncio.Event()
        self.is_taken = asyncio.Event()

    async def advance(self, job_id: str) -> None:
        self.taken.append(job_id)
        self.is_taken.set()
        await self.may_go_on.wait()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)

    async def has(self, count: int) -> None:
        while len(self.taken) < count:
            self.is_taken.clear()
            await self.is_taken.wait()


async def test_what_one_process_cannot_begin_is_begun_by_another(postgres_url: str, tmp_path: Path) -> None:
    count, in_hand = 276, 256
    first, second = Line(), Line()
    async with (
        open_database(postgres_url, tmp_path) as one,
        open_database(postgres_url, tmp_path) as other,
        asyncio.timeout(120),
    ):
        here, there = Store(one.transactions, one.queue), Store(other.transactions, other.queue)
        for number in range(count):
            await here.add(a_job(interaction_id=number + 1, id=f"job{number}"), NOW)
        async with one.queue.running(here.wakeups, first):
            await first.has(in_hand)
            async with other.queue.running(there.wakeups, second):
                await second.has(20)
                assert len(first.taken) == in_hand
                for line in (first, second):
                    line.may_go_on.set()
    assert len({*first.taken, *second.taken}) == len([*first.taken, *second.taken]) == count


async def test_what_is_in_line_is_not_told_of_again(postgres_url: str, tmp_path: Path) -> None:
    line = Line()
    async with open_database(postgres_url, tmp_path) as opened, asyncio.timeout(60):
        store = Store(opened.transactions, opened.queue)
        for number in range(3):
            await store.add(a_job(interaction_id=number + 1, id=f"job{number}"), NOW)
        overdue = timedelta(seconds=-1)  # what is due now was so long ago
        assert await store.wakeups.reconcile(overdue) == 0, "nobody has begun, but all are told of"
        async with opened.queue.running(store.wakeups, line):
            await line.has(3)
            assert await store.wakeups.reconcile(overdue) == 0, "they are in hand"
            line.may_go_on.set()


async def test_what_is_due_later_is_found_without_being_told_of(postgres_url: str, tmp_path: Path) -> None:
    line = Line()
    async with open_database(postgres_url, tmp_path) as opened, asyncio.timeout(60):
        store = Store(opened.transactions, opened.queue)
        async with opened.queue.running(store.wakeups, line):
            await store.add(a_job(), timedelta(seconds=1))
            await line.has(1)
            line.may_go_on.set()


def test_what_a_dead_process_had_in_hand_is_anothers_within_a_minute() -> None:
    beat, dead_after, between_rescues = postgres._HEARTBEAT_SECONDS, postgres._DEAD_AFTER_SECONDS, 10.0
    assert dead_after + 2 * between_rescues <= 60
    assert 3 * beat < dead_after, "a process that is only slow is not taken for dead"


async def test_a_worker_that_ends_again_and_again_begins_anew_after_longer_and_longer_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Away:
        async def run_worker_async(self, **_options: Any) -> None:
            raise OSError("no database")

    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 6:
            raise asyncio.CancelledError

    queue = postgres.ProcrastinateQueue("", listen=True)
    worker: Any = queue
    worker._app = Away()
    monkeypatch.setattr(postgres, "asyncio", SimpleNamespace(sleep=sleep))
    with pytest.raises(asyncio.CancelledError):
        await queue._keep_working()
    assert pauses == [2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


class Asked:
    """Says when a wake-up is due."""

    def __init__(self, due_at: float | None) -> None:
        self._due_at = due_at

    async def due_at(self, _job_id: str) -> float | None:
        return self._due_at


@pytest.mark.parametrize("due_in", [None, 3600.0])
async def test_what_was_followed_or_put_off_meanwhile_is_not_waited_for(due_in: float | None) -> None:
    queue = postgres.ProcrastinateQueue("", listen=True)
    told_at = utc_now().timestamp()
    worker: Any = queue
    worker._wakeups, worker._handlers = Asked(None if due_in is None else told_at + due_in), Line()
    async with asyncio.timeout(10):
        await queue._on_wake("job", due_at=told_at)
    assert worker._handlers.taken == []


async def test_a_wake_up_before_the_queue_runs_is_told() -> None:
    with pytest.raises(RuntimeError, match="before the queue was running"):
        await postgres.ProcrastinateQueue("", listen=True)._on_wake("job")
