"""Whether hostile members stop the bot for others: `uv run python -m tests.benchmarks.abuse`, prints JSON.

The bot is a process of its own with every setting at its default; Discord and kie.ai are the stand-ins. While each attack runs,
another person uses `/midi` twice a second (`ack_ms`: until Discord has the acknowledgement, `unacknowledged` those that
missed Discord's 3 s), and a third sends one song after the other (`song_s`: the longest, null if one did not come within
two minutes). `junk_sound` is sent to the built-in studio; `built_in` is that without an attack. `rss_mb` is the bot's own process at its highest, `rss_all_mb` with the processes below it. `nothing` is the same without an attack.
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
from tests.benchmarks.stage import Stage, has_result, is_answered, stage
from tests.process.bot_process import free_port
from tests.process.launch import REACHES_LOOPBACK
from tests.process.nursery import ROOT
from tests.studio import sounds

SECONDS = 20.0
PROBE_SECONDS = 0.5
SLOW_SONGS = 6
JUNK_BYTES = 82_000_000
WARM_UP_SECONDS = 3.0
SONG_PATIENCE_SECONDS = 120.0
ACKNOWLEDGE_SECONDS = 3.5
"""Discord waits 3 s, and takes nothing after them."""


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
            report[name] = await _one(Path(folder) / name, name, seconds)
    return report


async def _one(data_dir: Path, name: str, seconds: float) -> dict[str, Any]:
    seen, attack = Seen(), ATTACKS[name]
    settings = {"STUDIO": "builtin"} if name in BUILT_IN else {}
    async with stage(data_dir, **{REACHES_LOOPBACK: "1"}, **settings) as here:
        async with highest_rss_of(here.bot.process.pid) as highest, attack(here):
            await asyncio.sleep(WARM_UP_SECONDS)
            until = time.monotonic() + seconds
            await asyncio.gather(_probe(here, seen, until), _songs(here, seen, until))
        report = seen.report() | {"rss_mb": round(highest.own_mb, 1), "rss_all_mb": round(highest.all_mb, 1)}
        report |= {"log_bytes": here.bot.log.stat().st_size, "traces": here.bot.output().count("Traceback")}
        # A host starts a process anew that ended; here that is a result.
        return report if here.bot.is_running else report | {"ended": here.bot.process.returncode}


async def _probe(here: Stage, seen: Seen, until: float) -> None:
    """Commands that cost nothing but their acknowledgement: the task is one that kie.ai does not know."""
    while time.monotonic() < until:
        began = time.monotonic()
        asked = await here.ask("other", task_id="0" * 32)
        try:
            await here.discord.until(partial(is_answered, asked), within_seconds=ACKNOWLEDGE_SECONDS)
            seen.acks_ms.append((time.monotonic() - began) * 1000)
        except TimeoutError:
            seen.unacknowledged += 1
        await asyncio.sleep(max(0.0, began + PROBE_SECONDS - time.monotonic()))


async def _songs(here: Stage, seen: Seen, until: float) -> None:
    song = sounds.encoded(sounds.melody(), "mp3")
    while time.monotonic() < until and None not in seen.songs_s:
        began = time.monotonic()
        asked = await here.ask("third", song=("song.mp3", song))
        try:
            await here.discord.until(partial(has_result, asked), within_seconds=SONG_PATIENCE_SECONDS)
            seen.songs_s.append(time.monotonic() - began)
        except TimeoutError:
            seen.songs_s.append(None)


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
    return lambda here: _stranger(name, here.bot.port)


@asynccontextmanager
async def _slow_links(here: Stage) -> AsyncIterator[None]:
    port = free_port()
    async with _stranger("slow", port):
        await asyncio.sleep(WARM_UP_SECONDS)
        for number in range(SLOW_SONGS):
            await here.ask("hostile", url=f"http://127.0.0.1:{port}/{number}.mp3")
        yield


@asynccontextmanager
async def _midi_bombs(here: Stage) -> AsyncIterator[None]:
    for name, bomb in bombs().items():
        await here.ask("hostile", song=(f"{name}.mid", bomb))
    yield


@asynccontextmanager
async def _junk_sound(here: Stage) -> AsyncIterator[None]:
    for name, payload in {"empty": b"", "full": bytes(range(200)) * 2}.items():
        junk = await asyncio.to_thread(sounds.junk, JUNK_BYTES, payload)
        await here.ask("hostile", song=(f"{name}.aac", junk))
    yield


ATTACKS: dict[str, Attack] = {
    "nothing": _nothing,
    "compressed_bodies": _at_the_port("compressed"),
    "half_requests": _at_the_port("half"),
    "slow_links": _slow_links,
    "midi_bombs": _midi_bombs,
    "built_in": _nothing,
    "junk_sound": _junk_sound,
}

BUILT_IN = {"built_in", "junk_sound"}
"""What is tried with the built-in studio."""

if __name__ == "__main__":
    main()
