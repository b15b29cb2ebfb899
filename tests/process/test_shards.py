"""Shards: one process with several connections, and several processes with some each, on one database."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.discord_server import DiscordServer, Interaction
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

LIMIT_SECONDS = 40.0
"""Discord wants 5 s between two connections."""


async def asked_on(discord: DiscordServer, kie: KieServer, shard: int) -> Interaction:
    """Ask for a song in a new server of a shard, and wait for the result."""
    world = discord.world
    guild = world.add_guild(f"on shard {shard}", shard=shard)
    at = discord.where(channel=world.add_channel(guild, "music"))
    asked = await discord.slash("midi", at=at, task_id=kie.add_separation().id)
    await discord.until(lambda: asked.original and asked.original.files, within_seconds=LIMIT_SECONDS)
    return asked


async def until_connected(discord: DiscordServer, *shards: int) -> None:
    gateway = discord.gateway
    await discord.until(
        lambda: all(gateway.session_of(shard) for shard in shards) and discord.world.commands,
        within_seconds=LIMIT_SECONDS,
    )


async def test_one_process_connects_as_often_as_discord_wants(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    discord.world.shards = 2
    servers = [discord.world.add_guild(f"server {shard}", shard=shard) for shard in (0, 1, 1)]
    async with BotProcess(tmp_path, discord, kie, POLL_SECONDS="1", METRICS_TOKEN="token") as bot:
        await until_connected(discord, 0, 1)
        await bot.wait_ready()
        for shard in (0, 1):
            session = discord.gateway.session_of(shard)
            assert session
            assert session.shard == (shard, 2)
            told = {one["d"]["id"] for one in session.sent if one["t"] == "GUILD_CREATE"}
            mine = {guild.id for guild in discord.world.guilds.values() if (guild.id >> 22) % 2 == shard}
            assert told == set(map(str, mine))
        for shard in (0, 1):
            assert (await asked_on(discord, kie, shard)).state == "answered"
        metrics = await bot.answer("/metrics", Authorization="Bearer token")
        assert f"pianola_servers {len(servers) + 1}.0" in metrics
        assert 'pianola_shard_up{shard="0"} 1.0' in metrics
        assert 'pianola_shard_up{shard="1"} 1.0' in metrics
        assert await bot.terminate() == 0
    assert f'shards="0-1 of 2" servers={len(servers) + 1}' in bot.output()
    assert discord.gateway.identifies == 2


async def test_a_shard_that_is_lost_is_told_while_the_other_serves_and_comes_back(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    async with BotProcess(
        tmp_path, discord, kie, POLL_SECONDS="1", METRICS_TOKEN="token", SHARD_COUNT="2"
    ) as bot:
        await until_connected(discord, 0, 1)
        await bot.wait_ready()
        discord.world.shards = 2
        gateway = discord.gateway
        gateway.status = gateway.resume_status = 503
        await gateway.close(shard=1)
        await bot.wait_health("/readyz", 503)
        told = json.loads(await bot.answer("/readyz"))
        assert told["reason"] == "the connection to Discord is interrupted (shard 1 of 2)"
        assert 'pianola_shard_up{shard="1"} 0.0' in await bot.answer("/metrics", Authorization="Bearer token")
        assert (await asked_on(discord, kie, 0)).state == "answered"
        gateway.status = gateway.resume_status = None
        await until_connected(discord, 1)
        await bot.wait_health("/readyz", 200, within_seconds=LIMIT_SECONDS)
        assert (await asked_on(discord, kie, 1)).state == "answered"
        assert await bot.terminate() == 0


async def test_a_shard_that_breaks_is_resumed(tmp_path: Path, discord: DiscordServer, kie: KieServer) -> None:
    async with BotProcess(tmp_path, discord, kie, SHARD_COUNT="2") as bot:
        await until_connected(discord, 0, 1)
        session = discord.gateway.session_of(1)
        assert session
        await discord.gateway.close(shard=1)
        await discord.until(lambda: session.resumes == 1)
        await bot.wait_ready()
        assert discord.gateway.identifies == 2


async def test_several_processes_share_the_shards_of_one_database(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str
) -> None:
    discord.world.shards = 2
    shared = {"DATABASE_URL": postgres_url, "SHARD_COUNT": "2", "POLL_SECONDS": "1"}
    async with (
        BotProcess(tmp_path / "one", discord, kie, SHARD_IDS="0", **shared) as one,
        BotProcess(tmp_path / "two", discord, kie, SHARD_IDS="1", **shared) as two,
    ):
        await until_connected(discord, 0, 1)
        await one.wait_ready()
        await two.wait_ready()
        for shard in (0, 1):
            asked = await asked_on(discord, kie, shard)
            assert discord.world.messages_in(asked.channel) == [asked.original]
        assert [await bot.terminate() for bot in (one, two)] == [0, 0]
    assert discord.world.syncs == 1
    assert discord.gateway.identifies == 2


async def test_what_one_process_had_in_hand_is_finished_by_one_with_other_shards(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str
) -> None:
    discord.world.shards = 2
    kie.work_seconds = None
    shared = {"DATABASE_URL": postgres_url, "SHARD_COUNT": "2", "POLL_SECONDS": "1"}
    async with (
        BotProcess(tmp_path / "one", discord, kie, SHARD_IDS="0", **shared) as one,
        BotProcess(tmp_path / "two", discord, kie, SHARD_IDS="1", **shared) as two,
    ):
        await until_connected(discord, 0, 1)
        await two.wait_ready()
        guild = discord.world.add_guild("on shard 1", shard=1)
        at = discord.where(channel=discord.world.add_channel(guild, "music"))
        asked = await discord.slash("midi", at=at, task_id=kie.add_separation().id)
        await discord.until(lambda: asked.original and asked.original.edits)
        await two.kill()
        kie.work_seconds = 0.0
        for task in list(kie.tasks.values()):
            if task.state != "done":
                await kie.finish(task.id)
        await discord.until(lambda: asked.original and asked.original.files, within_seconds=120)
        assert await one.terminate() == 0


@pytest.mark.parametrize("wanted", [1, 2])
async def test_more_servers_than_the_shards_can_have_are_told(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, wanted: int
) -> None:
    discord.world.shards = 2
    for number in range(2500):
        discord.world.add_guild(f"server {number}", shard=0)
    async with BotProcess(tmp_path, discord, kie, SHARD_COUNT=str(wanted)) as bot:
        await discord.until(lambda: discord.gateway.closes == [4011])
        async with asyncio.timeout(LIMIT_SECONDS):
            while "Discord refuses so few shards" not in await bot.answer("/readyz"):  # noqa: ASYNC110 (another process gives no sign)
                await asyncio.sleep(0.05)
        assert await bot.terminate() == 0
