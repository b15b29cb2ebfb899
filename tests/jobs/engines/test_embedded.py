"""The embedded engine: at most so many jobs at once, and all of them in the end."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.jobs.engines.look import AT_ONCE
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.store import Store
from tests.jobs.storage.test_store import a_job


class Slow:
    """Handlers that wait until they are let go."""

    def __init__(self, wanted: int) -> None:
        self.running = self.most = self.done = 0
        self.go = asyncio.Event()
        self.full = asyncio.Event()
        self.all_done = asyncio.Event()
        self._wanted = wanted

    async def advance(self, _job_id: str) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == AT_ONCE:
            self.full.set()
        await self.go.wait()
        self.running -= 1
        self.done += 1
        if self.done == self._wanted:
            self.all_done.set()

    async def give_up(self, job_id: str) -> None:
        raise AssertionError(job_id)


async def test_a_crowd_is_handled_so_many_at_a_time(tmp_path: Path) -> None:
    crowd = AT_ONCE + 20
    slow = Slow(crowd)
    async with open_database(None, tmp_path) as opened:
        store = Store(opened.transactions, opened.queue)
        for number in range(crowd):
            job = a_job(number)
            await store.add(job, timedelta())
        async with opened.queue.running(store, slow), asyncio.timeout(30):
            await slow.full.wait()
            # Whoever would be too many has had every chance to begin.
            opened.queue.nudge()
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert slow.most == AT_ONCE
            slow.go.set()
            await slow.all_done.wait()
    assert slow.most == AT_ONCE
