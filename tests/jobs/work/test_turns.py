"""Whose job is worked on: one person's many never keep another's from its turn, whichever engine wakes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.song_part import SongPart
from bot.jobs.storage.store import Store
from bot.jobs.work import steps as module
from bot.jobs.work.outside import Audio
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import workshop
from tests.jobs.outside import Channel, Files, Moments, Studio
from tests.jobs.storage.test_store import NOW, a_job
from tests.jobs.work.test_uploads import job_of

HOSTILE, OTHER = 1, 2


class SlowLinks(Files):
    """The links of one person never end."""

    def __init__(self) -> None:
        self.is_read = asyncio.Event()

    @asynccontextmanager
    async def read(self, part: SongPart) -> AsyncIterator[Audio]:
        if part.name.startswith("slow"):
            self.is_read.set()
            await asyncio.Event().wait()
        async with super().read(part) as audio:
            yield audio


def asked_by(user_id: int, number: int, name: str) -> Job:
    given = job_of(user_id, name, seconds=600)
    return a_job(
        number, user_id, parts=given.parts, created_at=utc_now(), deadline_at=utc_now() + timedelta(minutes=9)
    )


async def test_more_slow_links_than_there_are_places_keep_nobody_else_waiting(
    database: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 4)
    moments, files = Moments(), SlowLinks()
    studios = Studios(Studio(moments), is_here=True)
    async with (
        open_database(database.get("database_url"), tmp_path) as opened,
        workshop() as music,
    ):
        store = Store(opened.transactions, opened.queue)
        tasks = StudioTasks(store, studios, callback_base=None, poll_every=timedelta(seconds=1))
        channel = Channel(moments, store.get)
        steps = Steps(store, studios, files, channel, tasks=tasks, songs=Songs(store, music))
        for number in range(12):
            await store.add(asked_by(HOSTILE, number, f"slow-{number}.wav"), NOW)
        async with opened.queue.running(store.wakeups, steps), asyncio.timeout(30):
            await files.is_read.wait()
            other = asked_by(OTHER, 99, "song.wav")
            await store.add(other, NOW)
            while (job := await store.get(other.id)) and job.state is not State.SEPARATING:  # noqa: ASYNC110 (a row gives no sign)
                await asyncio.sleep(0.02)
