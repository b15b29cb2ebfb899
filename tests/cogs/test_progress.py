"""What an answer says while its song is under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from bot.chat.discord import courier
from bot.chat.discord.client import Pianola
from bot.chat.discord.courier import DiscordCourier
from bot.chat.discord.ways import Ways
from bot.chat.shown.cards import Card
from bot.jobs.model import Job, State
from bot.jobs.storage.estimates import Estimates
from bot.jobs.work.outside import Answered
from bot.jobs.work.studios import Studios
from tests.jobs.outside import Moments, Studio
from tests.jobs.storage.test_store import NOON, NOW, a_job
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at, text_of


async def test_the_time_that_finished_songs_took_is_told(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        for number, seconds in enumerate((80, 90, 200)):
            earlier = a_job(number, 99, studio="kie", begins_with=State.TRANSCRIBING)
            done = earlier.moved(State.DONE, NOON + timedelta(seconds=seconds))
            assert await stage.running.store.add(replace(done, title="earlier"), NOW)
        await stage.midi(task_id=kie.add_separation().id)
        message = await stage.shown("Finding the notes")
        assert (message.embeds[0].footer.text or "").endswith(" s so far · usually 1 min 30 s")
        assert [component.label for component in message.components[0].children] == ["Cancel"]  # type: ignore[union-attr]  # a row


async def test_who_comes_second_hears_of_the_first(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path, poll_seconds="1") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        first = await stage.shown("Finding the notes")
        assert "ahead of yours" not in text_of(first)
        await stage.midi(task_id=kie.add_separation().id)
        await stage.shown("1 song is ahead of yours.")


@asynccontextmanager
async def a_courier(stage: Stage, **clocks: Any) -> AsyncIterator[DiscordCourier]:
    """Another courier of the same bot, with clocks of its own."""
    bot, estimates = stage.world.env.bot, Estimates(stage.running.store._transactions)
    assert isinstance(bot, Pianola)
    async with aiohttp.ClientSession() as session:
        yield DiscordCourier(bot, session, bot.library, estimates, Studios(Studio(Moments())), **clocks)


async def test_progress_that_discord_does_not_take_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def unanswered(_ways: Ways, job: Job, _card: Card) -> int:
        tried.append(job.id)
        await asyncio.Event().wait()
        return 0

    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.reached("transcribing")
        await stage.shown("Finding the notes")
        monkeypatch.setattr(courier, "_PATIENCE_SECONDS", 0.05)
        async with a_courier(stage) as fresh, asyncio.timeout(30):
            with monkeypatch.context() as patched:
                patched.setattr(Ways, "edit", unanswered)
                await fresh.show(job)
    assert set(tried) == {job.id}


async def test_nobodys_answer_is_looked_for_once_the_interaction_is_over(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.reached("transcribing")
        await stage.shown("Finding the notes")
        now = job.reply.token_expires_at - timedelta(minutes=5)
        async with a_courier(stage, clock=lambda: now) as fresh:
            assert await fresh.whose(job) is Answered.OURS
            now = job.reply.token_expires_at
            assert await fresh.whose(job) is Answered.NOBODYS


async def test_edits_of_one_answer_are_three_seconds_apart(tmp_path: Path) -> None:
    seconds = 0.0
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.reached("transcribing")
        # From here on nobody else edits the answer.
        shown = await stage.shown("Finding the notes")
        await stage.world.person.click(shown, custom_id=f"pianola:cancel:{job.id}")
        await stage.shown("Cancelled.")
        async with a_courier(stage, monotonic=lambda: seconds) as fresh:

            async def title_after(wanted: str) -> str | None:
                await fresh.show(replace(job, title=wanted))
                message = stage.world.channel.last_message
                return message.embeds[0].title if message else None

            assert await title_after("first") == "first"
            seconds = 2.9
            assert await title_after("second") == "first"
            seconds = 3.0
            assert await title_after("third") == "third"
