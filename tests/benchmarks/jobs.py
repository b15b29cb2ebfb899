"""Songs one by one, and 300 songs under way, on each engine; prints JSON.

`one_song_s`: from a command to its result, with a studio that takes a second.
`accept_300_s`: from the first command to the last acknowledgement; `late_acks`: how many came after Discord's 3 s, and were
for nothing; `accept_cpu_s`: the bot's CPU until then, all of its threads. `loop_block_ms`: the longest that the
bot's event loop did not run meanwhile, the machine's own pauses included. `callback_ack_ms`: from a callback to the answer to it, while 300 jobs are open.
`takeover`: `seconds` from the death of the process that has jobs in hand until `pianola worker` has delivered the last.
"""

import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import psutil

from tests import postgres
from tests.benchmarks.memory import memory_of
from tests.chaos.scene import Scene, scene
from tests.kie_server import CallbackPlan, Task
from tests.kie_server.callbacks import callback_body, signature_headers
from tests.process import heartbeat

SONGS = 300
TAKEN_OVER = 30
"""Songs under way when a process dies."""

ONE_BY_ONE = 20

PATIENCE_SECONDS = 240.0
"""What is not there by then is counted as it is: there are figures on the slowest machine too."""

NEVER = CallbackPlan(copies=0)


def main() -> None:
    """Measure, print."""
    with postgres.server() as server_url, postgres.fresh_database(server_url) as url:
        on_postgres = {"DATABASE_URL": url}
        report = {
            "sqlite": asyncio.run(_one_by_one({})) | asyncio.run(_engine({})) | {"takeover": None},
            "postgres": asyncio.run(_one_by_one(on_postgres))
            | asyncio.run(_engine(on_postgres))
            | asyncio.run(_takeover(on_postgres)),
        }
    print(json.dumps(report, indent=1))


async def _one_by_one(settings: dict[str, str]) -> dict[str, object]:
    taken = []
    with tempfile.TemporaryDirectory() as directory:
        async with scene(Path(directory), CallbackPlan(), 1.0, **settings) as stage:
            for _ in range(ONE_BY_ONE):
                began = time.monotonic()
                asked = await stage.ask()
                await _patiently(stage, lambda asked=asked: bool(stage.results(asked)))  # type: ignore[misc]  # mypy cannot infer a default
                taken.append(time.monotonic() - began)
    return {"one_song_s": {"p50": round(statistics.median(taken), 2), "max": round(max(taken), 2)}}


async def _engine(settings: dict[str, str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as directory:
        gaps = Path(directory) / "gaps"
        given: dict[str, str] = {
            heartbeat.FILE: str(gaps),
            "POLL_SECONDS": "30",
            "LOG_LEVEL": "INFO",
            **settings,
        }
        async with scene(Path(directory), NEVER, None, **given) as stage:
            began = time.monotonic()
            accepted = await _ask(stage, SONGS)
            await _until_sent(stage, SONGS)
            acknowledged = await _call_back(stage)
            ends = await _ends(stage)
            ended = time.monotonic()
            rss_mb = memory_of(stage.bot.process.pid).rss_mb
            await stage.bot.terminate()
        blocked = [gap.late_ms for gap in heartbeat.read_gaps(gaps) if began < gap.at_seconds < ended]
    return {
        **accepted,
        "loop_block_ms": round(max(blocked, default=0.0), 1),
        "callback_ack_ms": {
            "p50": round(statistics.median(acknowledged), 1),
            "p99": round(statistics.quantiles(acknowledged, n=100)[98], 1),
        },
        "rss_web_mb": round(rss_mb, 1),
        **ends,
    }


async def _takeover(settings: dict[str, str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as directory:
        async with (
            scene(Path(directory), NEVER, 0.3, POLL_SECONDS="1", **settings) as stage,
            stage.another("worker", "worker") as worker,
        ):
            while "event=job." not in worker.output():
                await _ask(stage, 1)
            await _ask(stage, TAKEN_OVER)
            await stage.bot.kill()
            died = time.monotonic()
            ends = await _ends(stage)
            seconds = time.monotonic() - died
            rss_mb = memory_of(worker.process.pid).rss_mb
    return {"takeover": {"seconds": round(seconds, 1), "rss_worker_mb": round(rss_mb, 1), **ends}}


async def _ask(stage: Scene, count: int) -> dict[str, float]:
    """Ask for songs in one moment, and wait until all are acknowledged, or were too late."""
    began, spent = time.monotonic(), _cpu_seconds(stage)
    asked = [await stage.ask() for _ in range(count)]
    await _patiently(stage, lambda: all(one.is_noticed for one in asked))
    return {
        f"accept_{count}_s": round(time.monotonic() - began, 2),
        "accept_cpu_s": round(_cpu_seconds(stage) - spent, 2),
        "late_acks": sum(not one.answers for one in asked),
    }


def _cpu_seconds(stage: Scene) -> float:
    times = psutil.Process(stage.bot.process.pid).cpu_times()
    return times.user + times.system


async def _patiently(stage: Scene, is_so: Callable[[], bool]) -> None:
    with contextlib.suppress(TimeoutError):
        await stage.until(is_so, within_seconds=PATIENCE_SECONDS)


async def _until_sent(stage: Scene, count: int) -> None:
    await _patiently(stage, lambda: len(_midi_tasks(stage)) == count)
    with contextlib.suppress(TimeoutError):
        await stage.quiet()


def _midi_tasks(stage: Scene) -> list[Task]:
    return [task for task in stage.kie.tasks.values() if task.kind == "midi"]


async def _call_back(stage: Scene) -> list[float]:
    """End every task; the milliseconds that each callback was answered in."""
    taken = []
    async with aiohttp.ClientSession() as session:
        for task in _midi_tasks(stage):
            task.state = "done"
            headers = signature_headers(stage.kie.hmac_key, task.id, "right")
            body = callback_body(task, "new").encode()
            began = time.perf_counter()
            async with session.post(task.callback_url, data=body, headers=headers) as answer:
                assert answer.status == 200
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def _ends(stage: Scene) -> dict[str, int]:
    """How many songs had no result, and how many more than one."""

    def results() -> list[int]:
        return [len(stage.results(asked)) for asked in stage.asked]

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all(results()):  # noqa: ASYNC110 (looking at 300 songs at every change would hold the stand-in up)
                await asyncio.sleep(0.1)
        await stage.quiet(for_seconds=1.0)
    found = results()
    return {"lost": found.count(0), "doubled": sum(count > 1 for count in found)}


if __name__ == "__main__":
    main()
