"""The main job's speed and memory: `uv run python -m tests.benchmarks.main_job`, prints JSON.

The bot is a process of its own, unmodified; Discord and kie.ai are the stand-ins, in this process. What they take,
some 20 ms of `callback_to_reply_ms`, counts as the bot's. `load_before` is the machine's load average as it began:
above the number of cores, others were at work and every time is too long. `machine_block_ms` is what `loop_block_ms` is
for a process that does nothing at all: the part that is not the bot's.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import numpy as np
import psutil

from bot.clock import utc_now
from bot.sound.engines import available
from tests.benchmarks.answers import answer
from tests.benchmarks.memory import highest_of, memory_of
from tests.discord_server import DiscordServer, Interaction
from tests.kie_server import KieServer, Task
from tests.kie_server.callbacks import callback_body, signature_headers
from tests.process import heartbeat
from tests.process.bot_process import BotProcess
from tests.process.nursery import ROOT
from tests.studio import sounds

STARTS = 5
ROUNDS = 50
NOTES = 5_000
SONG_SECONDS = 180
IDLE_SECONDS = 3.0
"""Until what starting needed is given back, and Discord's READY (2 s after the last guild) has been."""

PATIENCE_SECONDS = 120.0

BATCH = 10
WORK_SECONDS = 3.5
"""What a song takes at the studio: longer than the 3 s between two edits, so that the card may move once more."""


class Span(NamedTuple):
    """From a callback to its reply: begin and end by `time.monotonic`, and what the bot's process computed meanwhile."""

    job_id: str
    at: datetime
    began: float
    ended: float
    cpu_seconds: float

    @property
    def ms(self) -> float:
        return (self.ended - self.began) * 1000


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.main_job")
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="callbacks; at least 2")
    parser.add_argument("--song-seconds", type=int, default=SONG_SECONDS)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(_report(given)), indent=1))


async def _report(given: argparse.Namespace) -> dict[str, Any]:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        return {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "load_before": round(load, 1),
            **await _starts(root, given.starts),
            **await _callbacks(root / "callbacks", given.rounds),
            **await _idle(root / "idle"),
            **await _with_studio(root / "studio", given.song_seconds),
        }


@asynccontextmanager
async def _stand_ins() -> AsyncIterator[tuple[DiscordServer, KieServer]]:
    async with DiscordServer() as discord, KieServer(hmac_key="signing-key") as kie:
        yield discord, kie


def _bot(data_dir: Path, discord: DiscordServer, kie: KieServer, **settings: str) -> BotProcess:
    """As a host runs it, with every setting at its default but those given."""
    return BotProcess(data_dir, discord, kie, **{"LOG_LEVEL": "INFO", **settings})


async def _starts(root: Path, count: int) -> dict[str, float]:
    """Seconds from the start of the process to its answer: on an empty folder, and on the same one again."""
    first: list[float] = []
    again: list[float] = []
    for number in range(count):
        async with _stand_ins() as (discord, kie):
            for took in (first, again):
                took.append(await _first_answer(root / f"start{number}", discord, kie))
    return {
        "start_to_first_answer_s": round(statistics.median(first), 3),
        "restart_to_first_answer_s": round(statistics.median(again), 3),
    }


async def _first_answer(data_dir: Path, discord: DiscordServer, kie: KieServer) -> float:
    await discord.until(lambda: not discord.gateway.is_connected)
    separation = kie.add_separation()
    began = time.monotonic()
    # A job left open would be the next start's work: it has no preview, and is waited for.
    async with _bot(data_dir, discord, kie, PREVIEW_SECONDS="0") as bot:
        await discord.connected()
        asked = await discord.slash("midi", task_id=separation.id)
        await discord.until(lambda: asked.answers)
        took = time.monotonic() - began
        await _file(discord, asked, ".mid")
        await bot.terminate()
    return took


async def _callbacks(data_dir: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds from a callback's leaving to its file in the channel, and the loop's longest pause meanwhile."""
    of_bot, of_machine = data_dir / "gaps.json", data_dir / "machine.json"
    spans: list[Span] = []
    async with (
        _stand_ins() as (discord, kie),
        aiohttp.ClientSession() as session,
        _bot(data_dir, discord, kie, POLL_SECONDS="3600", **{heartbeat.FILE: str(of_bot)}) as bot,
        _idle_heartbeat(of_machine),
    ):
        kie.work_seconds, kie.notes = None, json.loads(answer(NOTES))
        await discord.connected()
        process = psutil.Process(bot.process.pid)
        while len(spans) < rounds:
            spans += await _batch(discord, kie, session, process, min(BATCH, rounds - len(spans)))
        await bot.terminate()
    took = [span.ms for span in spans]
    return {
        "callback_to_reply_ms": {
            "p50": round(statistics.median(took), 1),
            "p99": round(statistics.quantiles(took, n=100, method="inclusive")[98], 1),
            "first": round(took[0], 1),
            "slowest": _way(max(spans, key=lambda span: span.ms), bot.output()),
        },
        "cpu_a_reply_ms": round(statistics.mean(span.cpu_seconds for span in spans) * 1000, 1),
        "loop_block_ms": _longest_ms(of_bot, spans),
        "machine_block_ms": _longest_ms(of_machine, spans),
    }


def _way(span: Span, log: str) -> dict[str, float]:
    """Milliseconds from a callback's leaving to each thing that the bot said of its job before the reply was there."""
    said = [line for line in log.splitlines() if f"job={span.job_id}" in line]
    way = {_EVENT.findall(line)[-1]: _ms_since(span.at, line) for line in said}
    return {**{event: ms for event, ms in way.items() if 0 <= ms < span.ms}, "reply": round(span.ms, 1)}


_EVENT = re.compile(r"(?:event|state)=(\S+)")


def _ms_since(at: datetime, line: str) -> float:
    said_at = datetime.fromisoformat(line.split(maxsplit=1)[0].removeprefix("timestamp="))
    return round((said_at - at).total_seconds() * 1000, 1)


@asynccontextmanager
async def _idle_heartbeat(file: Path) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.process.heartbeat", str(file), cwd=ROOT
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def _longest_ms(file: Path, spans: list[Span]) -> float:
    """The longest gap from the first callback to the last reply."""
    gaps = [
        gap.late_ms for gap in heartbeat.read_gaps(file) if spans[0].began < gap.at_seconds < spans[-1].ended
    ]
    return round(max(gaps, default=0.0), 1)


async def _batch(
    discord: DiscordServer,
    kie: KieServer,
    session: aiohttp.ClientSession,
    process: psutil.Process,
    count: int,
) -> list[Span]:
    """Songs that are opened one after the other, and then finished one after the other."""
    opened = []
    for _ in range(count):
        known = set(kie.tasks)
        asked = await discord.slash("midi", task_id=kie.add_separation().id)
        opened.append((asked, await _new_midi_task(kie, known)))
    await asyncio.sleep(WORK_SECONDS)
    return [await _callback(discord, kie, session, asked, task, process=process) for asked, task in opened]


async def _new_midi_task(kie: KieServer, known: set[str]) -> Task:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            for task in kie.tasks.values():
                if task.kind == "midi" and task.id not in known:
                    return task
            await asyncio.sleep(0.01)


async def _callback(
    discord: DiscordServer,
    kie: KieServer,
    session: aiohttp.ClientSession,
    asked: Interaction,
    task: Task,
    *,
    process: psutil.Process,
) -> Span:
    """One song: when its callback left, and when its file was there."""
    task.state = "done"
    body = callback_body(task, "new").encode()
    headers = {"Content-Type": "application/json", **signature_headers(kie.hmac_key, task.id, "right")}
    at, began, computed = utc_now(), time.monotonic(), _cpu_seconds(process)
    async with asyncio.TaskGroup() as group:
        group.create_task(_post(session, task.callback_url, body, headers), name="callback")
        await _file(discord, asked, ".mid")
        ended, computed = time.monotonic(), _cpu_seconds(process) - computed
    await _preview(discord, asked)
    return Span(_job_id(task), at, began, ended, computed)


def _job_id(task: Task) -> str:
    return task.callback_url.split("/callbacks/")[1].split("/")[0]


def _cpu_seconds(process: psutil.Process) -> float:
    """Of its threads; told in steps of 10 ms, of which a mean over many songs knows nothing."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> None:
    async with session.post(url, data=body, headers=headers) as response:
        response.raise_for_status()


async def _file(discord: DiscordServer, asked: Interaction, ending: str) -> None:
    """Wait until the answer has a file of this kind."""
    await discord.until(
        lambda: asked.original and any(file.name.endswith(ending) for file in asked.original.files),
        within_seconds=PATIENCE_SECONDS,
    )


async def _preview(discord: DiscordServer, asked: Interaction) -> None:
    """Wait for what follows the answer, where this machine can make it: one song at a time is measured."""
    if not available():
        await _file(discord, asked, ".ogg")


async def _idle(data_dir: Path) -> dict[str, float]:
    """A bot with kie.ai's settings that is connected and does nothing."""
    async with _stand_ins() as (discord, kie), _bot(data_dir, discord, kie) as bot:
        await bot.wait_ready()
        await asyncio.sleep(IDLE_SECONDS)
        held = memory_of(bot.process.pid).rounded()
        await bot.terminate()
    return {"rss_idle_mb": held.rss_mb, "pss_idle_mb": held.pss_mb}


async def _with_studio(data_dir: Path, song_seconds: int) -> dict[str, float]:
    """A bot with the built-in studio and its transcriber: at most during a song, and after it."""
    async with (
        _stand_ins() as (discord, kie),
        _bot(data_dir, discord, kie, KIE_API_KEY="", KIE_WEBHOOK_HMAC_KEY="") as bot,
    ):
        await bot.wait_ready()
        async with highest_of(bot.process.pid) as highest:
            asked = await discord.slash("midi", song=("song.mp3", song_of(song_seconds)))
            await _file(discord, asked, ".mid")
            await _preview(discord, asked)
        await asyncio.sleep(IDLE_SECONDS)
        peak, after = highest[0].rounded(), memory_of(bot.process.pid).rounded()
        await bot.terminate()
    return {
        "rss_with_studio_mb": peak.rss_mb,
        "pss_with_studio_mb": peak.pss_mb,
        "rss_with_studio_after_mb": after.rss_mb,
        "pss_with_studio_after_mb": after.pss_mb,
    }


def song_of(seconds: int) -> bytes:
    """A melody over chords, as people send it: stereo mp3."""
    phrase = sounds.melody() + sounds.chord((48, 55, 64), 9 * 0.45)
    return sounds.encoded(np.tile(phrase, round(seconds / (9 * 0.45)) or 1), "mp3")


if __name__ == "__main__":
    main()
