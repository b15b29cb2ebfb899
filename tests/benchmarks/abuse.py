"""Whether hostile members stop the bot for others: `uv run python -m tests.benchmarks.abuse`, prints JSON.

The bot is a process of its own with every setting at its default; Discord and kie.ai are the stand-ins. While each attack runs,
another person uses `/midi` twice a second (`ack_ms`: until Discord has the acknowledgement, `unacknowledged` those that
missed Discord's 3 s), and a third sends one song after the other (`song_s`: the longest, null if one did not come within
two minutes). `rss_mb` is the bot's own process at its highest, `rss_all_mb` with the processes below it. `nothing` is the same without an attack.
Attackers and bot share the machine; `load_before` tells whether others did too.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.bombs import bombs
from tests.benchmarks.memory import highest_rss_of
from tests.discord_server import DiscordServer, Interaction
from tests.kie_server import KieServer
from tests.process.bot_process import ROOT, BotProcess, free_port
from tests.process.launch import REACHES_LOOPBACK
from tests.studio import sounds

SECONDS = 20.0
PROBE_SECONDS = 0.5
SLOW_SONGS = 6
WARM_UP_SECONDS = 3.0
SONG_PATIENCE_SECONDS = 120.0
ACKNOWLEDGE_SECONDS = 3.5
"""Discord waits 3 s, and takes nothing after them."""

MANY = 100_000
"""Generations in 10 s: the studio's own limit is not what is measured."""


@dataclass(slots=True)
class Stage:
    """A bot between the stand-ins."""

    discord: DiscordServer
    kie: KieServer
    bot: BotProcess
    asked: int = 0

    async def ask(self, person: str, **options: Any) -> Interaction:
        """Use `/midi` as somebody, in a channel of its own."""
        world = self.discord.world
        user = next((one for one in world.users.values() if one.name == person), None) or world.add_user(
            person
        )
        self.asked += 1
        channel = world.add_channel(world.guild, f"song-{self.asked}")
        return await self.discord.slash("midi", at=self.discord.where(user, channel), **options)


@dataclass(slots=True)
class Seen:
    """What the others had of it."""

    acks_ms: list[float] = field(default_factory=list)
    unacknowledged: int = 0
    songs_s: list[float | None] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        songs = [song for song in self.songs_s if song is not None]
        return {
            "ack_ms": {
                "p50": round(statistics.median(self.acks_ms), 1) if self.acks_ms else None,
                "worst": round(max(self.acks_ms), 1) if self.acks_ms else None,
            },
            "unacknowledged": self.unacknowledged,
            "song_s": round(max(songs), 2) if songs and None not in self.songs_s else None,
        }


Attack = Callable[[Stage], AbstractAsyncContextManager[None]]


def main() -> None:
    """Attack, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.abuse")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each attack runs")
    parser.add_argument("attacks", nargs="*", choices=[[], *ATTACKS], help="only these")
    given = parser.parse_args()
    print(json.dumps(asyncio.run(_report(given.attacks or list(ATTACKS), given.seconds)), indent=1))


async def _report(names: list[str], seconds: float) -> dict[str, Any]:
    report: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            report[name] = await _one(Path(folder) / name, ATTACKS[name], seconds)
    return report


async def _one(data_dir: Path, attack: Attack, seconds: float) -> dict[str, Any]:
    seen = Seen()
    settings = {"LOG_LEVEL": "INFO", REACHES_LOOPBACK: "1"}
    async with (
        DiscordServer() as discord,
        KieServer(hmac_key="signing-key", rate=MANY) as kie,
        BotProcess(data_dir, discord, kie, **settings) as bot,
    ):
        await bot.wait_ready()
        stage = Stage(discord, kie, bot)
        async with highest_rss_of(bot.process.pid) as highest, attack(stage):
            await asyncio.sleep(WARM_UP_SECONDS)
            until = time.monotonic() + seconds
            await asyncio.gather(_probe(stage, seen, until), _songs(stage, seen, until))
        report = seen.report() | {"rss_mb": round(highest.own_mb, 1), "rss_all_mb": round(highest.all_mb, 1)}
        report |= {"log_bytes": bot.log.stat().st_size, "traces": bot.output().count("Traceback")}
        if not bot.is_running:
            return report | {"ended": bot.process.returncode}
        await bot.kill()
    return report


async def _probe(stage: Stage, seen: Seen, until: float) -> None:
    """Commands that cost nothing but their acknowledgement: the task is one that kie.ai does not know."""
    while time.monotonic() < until:
        began = time.monotonic()
        asked = await stage.ask("other", task_id="0" * 32)
        try:
            await stage.discord.until(partial(_is_answered, asked), within_seconds=ACKNOWLEDGE_SECONDS)
            seen.acks_ms.append((time.monotonic() - began) * 1000)
        except TimeoutError:
            seen.unacknowledged += 1
        await asyncio.sleep(max(0.0, began + PROBE_SECONDS - time.monotonic()))


async def _songs(stage: Stage, seen: Seen, until: float) -> None:
    song = sounds.encoded(sounds.melody(), "mp3")
    while time.monotonic() < until and None not in seen.songs_s:
        began = time.monotonic()
        asked = await stage.ask("third", song=("song.mp3", song))
        try:
            await stage.discord.until(partial(_has_file, asked), within_seconds=SONG_PATIENCE_SECONDS)
            seen.songs_s.append(time.monotonic() - began)
        except TimeoutError:
            seen.songs_s.append(None)


def _is_answered(asked: Interaction) -> bool:
    return bool(asked.answers)


def _has_file(asked: Interaction) -> bool:
    return bool(asked.original and any(file.name.endswith(".mid") for file in asked.original.files))


@asynccontextmanager
async def _nothing(_stage: Stage) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _stranger(name: str, port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.attacks", name, str(port), cwd=ROOT
    )
    try:
        yield
        assert process.returncode is None, f"the attack {name} ended by itself"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _at_the_port(name: str) -> Attack:
    return lambda stage: _stranger(name, stage.bot.port)


@asynccontextmanager
async def _slow_links(stage: Stage) -> AsyncIterator[None]:
    port = free_port()
    async with _stranger("slow", port):
        await asyncio.sleep(WARM_UP_SECONDS)
        for number in range(SLOW_SONGS):
            await stage.ask("hostile", url=f"http://127.0.0.1:{port}/{number}.mp3")
        yield


@asynccontextmanager
async def _midi_bombs(stage: Stage) -> AsyncIterator[None]:
    for name, bomb in bombs().items():
        await stage.ask("hostile", song=(f"{name}.mid", bomb))
    yield


ATTACKS: dict[str, Attack] = {
    "nothing": _nothing,
    "compressed_bodies": _at_the_port("compressed"),
    "half_requests": _at_the_port("half"),
    "slow_links": _slow_links,
    "midi_bombs": _midi_bombs,
}

if __name__ == "__main__":
    main()
