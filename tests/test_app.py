"""What goes on beside everything else is there when the program runs."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import app
from bot.chat.discord.client import COGS
from bot.clock import utc_now
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import wakeups
from tests.jobs.storage.test_store import a_job
from tests.stage import PATIENCE_SECONDS, Stage, pianola

ROOT = Path(__file__).resolve().parents[1]


async def left_behind(data_dir: Path, job: Job) -> None:
    """A job that an earlier process kept, and that nothing will wake."""
    async with open_database(None, data_dir) as opened:
        store = Store(opened.transactions, opened.queue, clock=lambda: job.created_at)
        await store.add(job, timedelta())
        await opened.transactions.write("test", lambda connection: connection.execute(sa.delete(wakeups)))


async def until(stage: Stage, job: Job, holds: Callable[[Job | None], bool]) -> None:
    """Wait until something holds of a job as it is stored; None: it is gone."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if holds(await stage.running.store.get(job.id)):
                return
            await asyncio.sleep(0.02)


NOT_YET = {
    "PIL",
    "alembic",
    "av",
    "babel",
    "numpy",
    "onnxruntime",
    "procrastinate",
    "prometheus_client",
    "psycopg",
    "sentry_sdk",
    "simcord",
}
"""What most processes need late or never: each is some of the start, and stays in memory."""


def test_a_bot_starts_without_what_it_does_not_need_yet() -> None:
    names = "bot.app, bot.cli, bot.chat.discord.gateway, " + ", ".join(COGS)
    look = f"import sys, {names}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run(  # noqa: S603 (this very Python)
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert NOT_YET & set(loaded.stdout.split()) == set()


async def test_songs_that_were_kept_long_enough_are_swept_away(tmp_path: Path) -> None:
    long_ago = utc_now() - timedelta(days=400)
    job = a_job(state=State.DONE, created_at=long_ago, stage_since=long_ago, finished_at=long_ago)
    await left_behind(tmp_path, job)
    async with pianola(tmp_path) as stage:
        await until(stage, job, lambda kept: kept is None)


async def test_a_song_that_nothing_wakes_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_OVERDUE", timedelta(seconds=0.1))
    long_ago = utc_now() - timedelta(minutes=5)
    job = a_job(created_at=long_ago, stage_since=long_ago, deadline_at=long_ago)
    await left_behind(tmp_path, job)
    async with pianola(tmp_path) as stage:
        await until(stage, job, lambda kept: kept is not None and kept.error_code is not None)
