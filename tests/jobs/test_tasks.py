"""Tasks at the studio, sent and watched."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.database import open_database
from bot.jobs.model import Part, Source, State
from bot.jobs.songs import Songs
from bot.jobs.steps import Steps
from bot.jobs.store import Store
from bot.jobs.studios import Studios
from bot.jobs.tasks import StudioTasks
from bot.jobs.workshop import workshop
from bot.kie.separation import LISTED
from tests.jobs.outside import ANSWERED, BUSY, Channel, Clock, Files, Moments, NoQueue, Studio
from tests.jobs.test_store import NOW, a_job

UPLOADED = Part(Source.ADDRESS, "a.wav", None, upload_url="https://studio.example.com/a.wav")


async def test_a_busy_studio_is_asked_again_after_its_pause(database: dict[str, str], tmp_path: Path) -> None:
    clock, moments = Clock(), Moments()
    async with open_database(database.get("database_url"), tmp_path) as opened, workshop() as music:
        store = Store(opened.transactions, NoQueue(), clock)  # type: ignore[arg-type]  # nothing runs here
        studio = Studio(moments, submissions=BUSY)
        studios, channel = Studios(studio, prices=LISTED), Channel(moments, store.get)
        poll = timedelta(minutes=1)
        tasks = StudioTasks(store, studios, callback_base=None, poll_every=poll, clock=clock)
        steps = Steps(store, studios, Files(), channel, tasks=tasks, songs=Songs(store, music), clock=clock)
        long_ago = clock() - timedelta(minutes=1)
        job = a_job(state=State.SEPARATING, parts=(UPLOADED, UPLOADED), stage_since=long_ago)
        await store.add(job, NOW)
        for _ in range(3):
            await steps.advance(job.id)
            assert await store.due_at(job.id) == pytest.approx(clock.now.timestamp() + 15, abs=0.5)
        studio.submissions = ANSWERED
        await steps.advance(job.id)
        sent = await store.get(job.id)
        assert sent is not None
        assert [part.separation and part.separation.id for part in sent.parts] == [
            "separation-0",
            "separation-1",
        ]
