"""Hundreds of songs while processes and databases come and go: none lost, none doubled."""

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from tests import postgres
from tests.chaos.scene import Scene, scene
from tests.kie_server import CallbackPlan

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

PLAN = CallbackPlan(retries=40, retry_seconds=0.25)
SONGS = 300
PATIENCE_SECONDS = 240
"""For what hundreds of songs take on the slowest machine; here it counts that they come, not how soon."""

AT_ONCE = 20
"""Commands in one moment."""


@pytest.fixture
def settings(database: dict[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in database.items()}


async def ask_many(stage: Scene, count: int) -> None:
    """Ask for songs; returns when each is acknowledged, or was too late: a busy machine may take more than Discord's 3 s."""
    for _ in range(0, count, AT_ONCE):
        asked = [await stage.ask() for _ in range(min(AT_ONCE, count))]
        await stage.discord.until(
            lambda asked=asked: all(one.is_noticed for one in asked),  # type: ignore[misc]  # mypy cannot infer a default
            within_seconds=PATIENCE_SECONDS,
        )


def delivered(stage: Scene) -> int:
    return sum(
        file.name.endswith(".mid")
        for message in stage.discord.world.messages.values()
        for file in message.files
    )


async def all_delivered(stage: Scene) -> None:
    """Wait for all results, and then for what should not come any more.

    Raises:
        AssertionError: a song is not as it should be.
    """
    with contextlib.suppress(TimeoutError):
        await stage.discord.until(
            lambda: delivered(stage) >= len(stage.asked), within_seconds=PATIENCE_SECONDS
        )
    await stage.kie.settle()
    await stage.quiet()
    faults = {asked.channel.name: stage.fault_in(asked) for asked in stage.asked}
    assert {name: fault for name, fault in faults.items() if fault} == {}


async def test_a_kill_under_300_songs_loses_and_doubles_none(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    async with scene(tmp_path, PLAN, 5, POLL_SECONDS="5", **settings) as stage:
        await ask_many(stage, SONGS)
        await stage.discord.until(lambda: delivered(stage) >= SONGS // 3, within_seconds=PATIENCE_SECONDS)
        await stage.bot.kill()
        assert delivered(stage) < SONGS
        await stage.restart()
        await all_delivered(stage)


async def test_commands_that_are_acknowledged_too_late_have_one_result_each(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    async with scene(tmp_path, PLAN, **settings) as stage:
        stage.discord.interactions.acknowledge_within = timedelta(0)
        await ask_many(stage, AT_ONCE)
        assert all(one.came_late and not one.callback for one in stage.asked)
        await all_delivered(stage)


@pytest.mark.parametrize("victim", ["bot", "worker"])
async def test_what_a_dead_process_had_in_hand_is_finished_by_the_other(
    tmp_path: Path, postgres_url: str, victim: str
) -> None:
    async with (
        scene(tmp_path, PLAN, 3, DATABASE_URL=postgres_url) as stage,
        stage.another("worker", "worker") as worker,
    ):
        while "event=job." not in worker.output():
            await ask_many(stage, 1)
        await ask_many(stage, 60)
        await stage.discord.until(lambda: delivered(stage) >= 5, within_seconds=PATIENCE_SECONDS)
        await {"bot": stage.bot, "worker": worker}[victim].kill()
        assert delivered(stage) < len(stage.asked)
        await all_delivered(stage)


async def test_a_deploy_that_overlaps_answers_each_command_once(tmp_path: Path, postgres_url: str) -> None:
    async with scene(tmp_path, PLAN, DATABASE_URL=postgres_url) as stage:
        old = stage.bot
        for turn in range(10):
            await ask_many(stage, 3)
            new = stage.another(f"deploy-{turn}")
            await new.start()
            try:
                await stage.connected(2)
                await ask_many(stage, 3)
                assert await old.terminate() == 0
                await stage.connected(1)
                await ask_many(stage, 3)
            except BaseException:
                await new.kill()
                raise
            old = new
        try:
            await all_delivered(stage)
            assert stage.kie.count("generate_midi") == len(stage.asked)
        finally:
            await old.kill()


async def test_a_restart_of_postgres_under_300_songs_loses_and_doubles_none(tmp_path: Path) -> None:
    with postgres.own_server() as (url, restart):
        async with scene(tmp_path, PLAN, 5, POLL_SECONDS="5", DATABASE_URL=url) as stage:
            await ask_many(stage, SONGS)
            await stage.discord.until(lambda: delivered(stage) >= SONGS // 3, within_seconds=PATIENCE_SECONDS)
            await asyncio.to_thread(restart)
            assert delivered(stage) < SONGS
            await all_delivered(stage)
