"""Songs, read from the stored notes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from bot.jobs.storage.store import Store
from bot.jobs.work.songs import Songs
from bot.jobs.work.workshop import Workshop, workshop
from tests.jobs.storage.test_store import a_job
from tests.music.payloads import body, note


class Kept:
    """Notes of every job, and how often somebody looked."""

    looks = 0

    async def notes(self, _job_id: str) -> dict[int, bytes]:
        self.looks += 1
        return {0: body([{"name": "Flute", "notes": [note()]}])}


def songs(kept: Kept, music: Workshop) -> Songs:
    return Songs(cast("Store", kept), music)


async def test_a_song_is_read_once_from_its_notes_to_its_delivery() -> None:
    kept, job = Kept(), a_job()
    async with workshop() as music:
        read = songs(kept, music)
        prepared = await read.prepare(job)
        assert await read.prepared(job) is prepared
        assert kept.looks == 1
        assert (await read.prepared(job)).note_count == 1, "delivered again, it is read again"
    assert kept.looks == 2


async def test_notes_are_fetched_when_it_is_their_turn() -> None:
    kept = Kept()
    held = asyncio.Event()
    with ThreadPoolExecutor(1) as thread:
        read = songs(kept, Workshop(thread))
        loop = asyncio.get_running_loop()
        busy = loop.run_in_executor(thread, asyncio.run_coroutine_threadsafe(held.wait(), loop).result)
        waiting = [asyncio.create_task(read.read(a_job()), name=f"song {at}") for at in range(10)]
        await asyncio.sleep(0)
        assert kept.looks <= 2
        held.set()
        await busy
        await asyncio.gather(*waiting)
    assert kept.looks == 10
