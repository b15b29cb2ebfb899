"""`pianola worker`: it does the songs that a bot takes in, and can be watched at a port of its own."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess, free_port


def done_jobs(metrics: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == "pianola_jobs_ended_total" and sample.labels["state"] == "done"
    )


async def test_what_a_worker_does_is_in_its_own_numbers(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str
) -> None:
    shared = {"DATABASE_URL": postgres_url, "POLL_SECONDS": "1", "METRICS_TOKEN": "token"}
    authorised = {"Authorization": "Bearer token"}
    bot = BotProcess(tmp_path / "bot", discord, kie, **shared)
    port = free_port()
    worker = BotProcess(tmp_path / "worker", discord, kie, **shared, METRICS_PORT=str(port), PORT="")
    worker.port = port
    worker.arguments = ("worker",)
    async with bot:
        await discord.connected()
        async with worker:
            await worker.wait_ready()
            assert await worker.health("/livez") == 200
            assert await worker.health("/metrics") == 404
            assert await worker.health("/") == 404
            for _ in range(8):
                asked = await discord.slash("midi", task_id=kie.add_separation().id)
                await discord.until(lambda asked=asked: asked.original and asked.original.files)  # type: ignore[misc]  # mypy cannot infer a default
            done = [0.0, 0.0]
            async with asyncio.timeout(30):
                while sum(done) < 8:
                    # A job ends a moment after its file is there.
                    done = [done_jobs(await each.answer("/metrics", **authorised)) for each in (bot, worker)]
            assert await worker.terminate() == 0
        assert await bot.terminate() == 0
    assert sum(done) == 8
    assert done[1], "eight songs, and the worker had none of them"


@pytest.mark.usefixtures("from_nothing")
async def test_a_worker_without_a_port_listens_nowhere(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str
) -> None:
    worker = BotProcess(tmp_path, discord, kie, DATABASE_URL=postgres_url)
    worker.arguments = ("worker",)
    async with worker:
        await discord.until(lambda: discord.count("PUT", "/commands"))
        assert await worker.health("/livez") == 0
        assert await worker.terminate() == 0
