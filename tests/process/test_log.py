"""What a bot writes to its log: each line its job, the end its figures, and nowhere a secret."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, load
from tests.discord_server import DiscordServer, Fault
from tests.kie_server import Fault as KieFault
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess, free_port


async def test_the_way_of_a_song_is_told_under_its_job(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    kie.break_next("midi", KieFault("code", code=500, status=500), times=1)
    async with BotProcess(tmp_path / "data", discord, kie, LOG_FORMAT="json", POLL_SECONDS="1") as bot:
        await discord.connected()
        asked = await discord.slash("midi", task_id=kie.add_separation().id)
        async with asyncio.timeout(30):
            while "job.done" not in bot.output():  # noqa: ASYNC110 (another process gives no other sign)
                await asyncio.sleep(0.05)
        assert await bot.terminate() == 0
        lines = [json.loads(line) for line in bot.output().splitlines()]
    ids = {"user": asked.user.id, "server": discord.world.guild.id}
    opened, done = (
        next(line for line in lines if line["event"] == name) for name in ("job.opened", "job.done")
    )
    assert opened.items() >= ids.items()
    assert done.items() >= {"job": opened["job"], "notes": 3, "credits": 0, **ids}.items()
    assert 0 <= done["seconds"] < 60
    own = [line for line in lines if line["event"].startswith(("job.", "task.", "callback.", "stamina."))]
    assert "stamina.retry_scheduled" in {line["event"] for line in own}
    assert {line.get("job") for line in own} == {opened["job"]}


async def test_a_song_leaves_its_numbers(tmp_path: Path, discord: DiscordServer, kie: KieServer) -> None:
    given = {"METRICS_TOKEN": "token-of-prometheus", "POLL_SECONDS": "1"}
    async with BotProcess(tmp_path / "data", discord, kie, **given) as bot:
        await discord.connected()
        await discord.slash("midi", task_id=kie.add_separation().id)
        async with asyncio.timeout(30):
            while "job.done" not in bot.output():  # noqa: ASYNC110 (another process gives no other sign)
                await asyncio.sleep(0.05)
        refused = await bot.answer("/metrics")
        told = await bot.answer("/metrics", Authorization="Bearer token-of-prometheus")
    assert "pianola" not in refused
    for line in (
        'pianola_jobs_ended_total{error="",state="done"} 1.0',
        "pianola_job_seconds_count 1.0",
        'pianola_step_seconds_count{state="delivering"} 1.0',
        'pianola_kie_calls_total{call="/api/v1/midi/generate",outcome="200"} 1.0',
        'pianola_jobs{state="transcribing"} 0.0',
        "pianola_credits_left 5916.25",
        "pianola_servers 1.0",
        "pianola_database_up 1.0",
    ):
        assert line in told
    assert 'pianola_discord_calls_total{outcome="200"}' in told
    assert "pianola_loop_lag_seconds_count" in told


async def test_the_owner_is_told_that_credits_run_low(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    kie.credits = 95
    owner = discord.world.dm_with(discord.world.user)
    async with BotProcess(tmp_path / "data", discord, kie) as bot:
        await discord.until(lambda: discord.world.messages_in(owner))
        assert await bot.terminate() == 0
    [told] = discord.world.messages_in(owner)
    assert told.content.startswith("My credits at kie.ai run low: 95 are left, and a separation costs 10.")


def planted(name: str) -> str:
    """A secret that is found again wherever it turns up."""
    return f"planted-{name.replace('_', '-')}"


@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_secret_is_in_anything_that_is_written(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, form: str
) -> None:
    names = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert {"discord_token", "kie_api_key", "kie_webhook_hmac_key", "database_url"} <= set(names)
    given = {name: planted(name) for name in names if name != "database_url"}
    given["sentry_dsn"] = f"https://{planted('sentry')}@127.0.0.1:{free_port()}/1"
    discord.world.token, kie.key = given["discord_token"], given["kie_api_key"]
    url = f"postgresql://me:{planted('password')}@127.0.0.1:{free_port()}/songs"
    settings = {name.upper(): value for name, value in given.items()} | {"LOG_FORMAT": form}
    written = ""
    # A database that is away; then a song that fails, with Discord's and kie.ai's answers in the log.
    async with BotProcess(tmp_path / "away", discord, kie, **settings, DATABASE_URL=url) as bot:
        await bot.wait_health("/readyz", 503)
        written += await bot.answer("/readyz") + await bot.answer("/")
        await bot.terminate()
        written += bot.output()
    discord.fault("PATCH", "/webhooks/*/*/messages/@original", Fault("status", status=500))
    kie.break_next("separation", KieFault("page", status=403), times=9)
    async with BotProcess(tmp_path / "data", discord, kie, **settings) as bot:
        await discord.connected()
        asked = await discord.slash("midi", task_id="unknown")
        await discord.until(
            lambda: asked.original and "Unknown" not in str(asked.original.embeds) and asked.original.edits
        )
        await bot.terminate()
        written += bot.output()
    discord.world.token = "another"
    async with BotProcess(tmp_path / "refused", discord, kie, **settings) as bot:
        await bot.wait_health("/readyz", 503)
        await discord.until(lambda: discord.requests[-1].status == 401)
        written += await bot.answer("/readyz") + bot.output()
    bot = BotProcess(tmp_path / "data", discord, kie, **settings, DATABASE_URL=url)
    bot.arguments = ("doctor",)
    async with bot:
        assert await bot.ended(within_seconds=100) == 1
        written += bot.output()
    assert "database" in written
    assert "refuses DISCORD_TOKEN" in written
    assert "planted" not in written
    assert asked.token not in written


def test_the_settings_know_their_secrets() -> None:
    settings = load(None, database_url="postgresql://me:hidden@x/y", discord_token="a.b.c")
    assert settings.secrets == ["a.b.c", "postgresql://me:hidden@x/y", "hidden"]
    held = [name for name in Settings.model_fields if isinstance(getattr(settings, name), SecretStr)]
    assert held == ["discord_token", "database_url"]
