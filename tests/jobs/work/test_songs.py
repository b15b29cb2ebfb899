"""Songs, read from the stored notes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from msgspec.structs import replace

from bot.jobs.storage.store import Store
from bot.jobs.work.songs import Songs
from bot.jobs.work.workshop import Workshop, workshop
from bot.music.meter.hear import with_heard
from bot.music.meter.kept import KeptBars
from bot.music.song import Song
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


async def test_only_the_last_eight_are_held_ready() -> None:
    kept, jobs = Kept(), [a_job() for _ in range(9)]
    async with workshop() as music:
        read = songs(kept, music)
        for job in jobs:
            await read.prepare(job)
        for job in reversed(jobs):
            assert kept.looks == 9
            await read.prepared(job)
    assert kept.looks == 10


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


async def test_bars_that_were_found_once_are_not_listened_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    listened: list[Song] = []

    def listen(song: Song) -> Song:
        listened.append(song)
        return with_heard(song)

    monkeypatch.setattr("bot.music.meter.chosen.with_heard", listen)
    async with workshop() as music:
        read, job = songs(Kept(), music), a_job()
        song = await read.prepare(job)
        assert len(listened) == 1
        again = await read.read(replace(job, kept_bars=KeptBars.found_in(song)))
        assert (again.bars, again.likely_bars) == (song.bars, song.likely_bars)
        await read.heard(job)
        assert len(listened) == 1
        await read.read(job)
        assert len(listened) == 2, "an older job has none"
