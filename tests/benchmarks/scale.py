"""What a gateway with many servers takes, and what workers beside it do in a minute; prints JSON.

`gateway`, by servers: seconds from the start of the process until all shards are there (Discord adds 5 for each shard, which are not
waited for here), CPU seconds of it, resident memory then, threads, and the milliseconds until a `/midi` is acknowledged.
`workers`, by workers beside one gateway, all on one Postgres: `songs_a_minute` of finished separations with 1 000 notes and a
preview, CPU seconds that the processes took for each, their resident memory, and their connections at the database.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests import postgres
from tests.benchmarks.answers import answer
from tests.benchmarks.crowd import crowd
from tests.chaos.scene import Scene, scene
from tests.discord_server import DiscordServer
from tests.kie_server import CallbackPlan, KieServer
from tests.process.bot_process import BotProcess

SERVERS = (2_500, 10_000, 100_000)
WORKERS = (1, 2, 4)
SONGS = 60

SERVERS_A_SHARD = 1_000
"""What Discord recommends."""

_COMMANDS = 20
_PATIENCE_SECONDS = 1800.0
_NOTES = 1_000
_QUIET_SECONDS = 5.0


class _AtOnce(BotProcess):
    launcher = "tests.benchmarks.launch_at_once"


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, nargs="*", default=SERVERS)
    parser.add_argument("--workers", type=int, nargs="*", default=WORKERS)
    parser.add_argument("--songs", type=int, default=SONGS)
    given = parser.parse_args()
    report: dict[str, Any] = {"gateway": {}, "workers": {}}
    for servers in given.servers:
        report["gateway"][servers] = asyncio.run(_gateway(servers))
    with postgres.server() as server_url:
        for workers in given.workers:
            with postgres.fresh_database(server_url) as url:
                report["workers"][workers] = asyncio.run(_workers(workers, given.songs, url))
    print(json.dumps(report, indent=1))


async def _gateway(servers: int) -> dict[str, object]:
    shards = max(1, round(servers / SERVERS_A_SHARD))
    with tempfile.TemporaryDirectory() as directory:
        async with DiscordServer() as discord, KieServer(work_seconds=0.0) as kie:
            discord.world.shards = shards
            discord.gateway.crowd = crowd(servers)
            began = time.monotonic()
            async with _AtOnce(Path(directory), discord, kie, LOG_LEVEL="INFO", PREVIEW_SECONDS="0") as bot:
                await bot.wait_health("/readyz", 200, within_seconds=_PATIENCE_SECONDS)
                ready_seconds = time.monotonic() - began
                process = psutil.Process(bot.process.pid)
                spent = _cpu_seconds(process)
                held, threads = process.memory_info().rss / 1e6, process.num_threads()
                acknowledged = [await _command(discord, kie, number % shards) for number in range(_COMMANDS)]
                await bot.terminate()
    return {
        "shards": shards,
        "ready_s": round(ready_seconds, 1),
        "cpu_s": round(spent, 1),
        "rss_mb": round(held),
        "threads": threads,
        "ack_ms": {"p50": round(statistics.median(acknowledged), 1), "max": round(max(acknowledged), 1)},
    }


async def _command(discord: DiscordServer, kie: KieServer, shard: int) -> float:
    """The milliseconds until a command of a server of this shard is acknowledged; its result is waited for."""
    world = discord.world
    guild = world.add_guild(f"server of shard {shard}", shard=shard)
    at = discord.where(channel=world.add_channel(guild, "music"))
    began = time.perf_counter()
    asked = await discord.slash("midi", at=at, task_id=kie.add_separation().id)
    await discord.until(lambda: asked.answers)
    took = (time.perf_counter() - began) * 1000
    await discord.until(lambda: asked.original and asked.original.files, within_seconds=60)
    return took


async def _workers(workers: int, songs: int, url: str) -> dict[str, object]:
    settings = {"DATABASE_URL": url, "LOG_LEVEL": "INFO", "PREVIEW_SECONDS": "30"}
    with tempfile.TemporaryDirectory() as directory:
        async with (
            scene(Path(directory), CallbackPlan(), 0.0, **settings) as stage,
            AsyncExitStack() as stack,
        ):
            stage.kie.notes = json.loads(answer(_NOTES))
            beside = [
                await stack.enter_async_context(stage.another(f"worker{n}", "worker")) for n in range(workers)
            ]
            await _song(stage)
            processes = [psutil.Process(one.process.pid) for one in (stage.bot, *beside)]
            await asyncio.sleep(_QUIET_SECONDS)
            spent_before, before = sum(map(_cpu_with_children, processes)), len(stage.asked)
            began = time.monotonic()
            for _ in range(songs):
                await stage.ask()
            await stage.until(lambda: all(map(stage.results, stage.asked[before:])), within_seconds=600)
            first_seconds = time.monotonic() - began
            await stage.until(
                lambda: all(_is_heard(stage, each) for each in stage.asked[before:]), within_seconds=600
            )
            seconds = time.monotonic() - began
            spent = sum(map(_cpu_with_children, processes)) - spent_before
            connections = _connections(url)
            held = [process.memory_info().rss / 1e6 for process in processes]
    return {
        "songs_a_minute": round(songs * 60 / seconds, 1),
        "results_a_minute": round(songs * 60 / first_seconds, 1),
        "cpu_s_a_song": round(spent / songs, 2),
        "rss_mb": [round(each) for each in held],
        "connections": connections,
    }


async def _song(stage: Scene) -> None:
    """One song before, which loads what is loaded once."""
    asked = await stage.ask()
    await stage.until(lambda: _is_heard(stage, asked), within_seconds=60)


def _is_heard(stage: Scene, asked: Any) -> bool:
    return any(file.name.endswith(".ogg") for message in stage.messages(asked) for file in message.files)


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cpu_with_children(process: psutil.Process) -> float:
    """With that of the children that have ended: previews are made in them."""
    times = process.cpu_times()
    return _cpu_seconds(process) + float(times.children_user + times.children_system)


def _connections(url: str) -> int:
    """Those of all processes, without the one that asks."""
    asked = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
    with contextlib.closing(psycopg.connect(url)) as connection:
        row = connection.execute(asked).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
