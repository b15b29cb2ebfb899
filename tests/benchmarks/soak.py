"""What a bot holds after a long time at work: `uv run python -m tests.benchmarks.soak --minutes 30`, prints JSON.

People use everything there is, one command a second, and strangers knock at the port. Every half minute it is looked at what the
bot's process holds (`rss_mb`, with the processes below it `rss_all_mb`), its `descriptors` and `threads`, and what is on its disk
(`data_mb`, which grows with the songs that are kept). `undelivered` are songs without a result at the end; `an_hour` is how much the
memory rises by the second half of the samples.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.memory import rss_of
from tests.benchmarks.stage import Stage, has_result, stage
from tests.discord_server import Interaction
from tests.studio import sounds

LOOK_SECONDS = 30.0
COMMAND_SECONDS = 1.0
PEOPLE = 40
LAST_SONGS_SECONDS = 60.0

_SCORE = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk\0\0\0\x14\0\xc0\0\0\x90\x3c\x40\x83\x60\x80\x3c\0\0\xb0\x07\x64\0\xff\x2f\0"
_KNOCKS = (
    b"GET /livez HTTP/1.1\r\nX: ",
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\0",
    b"NOT HTTP\r\n\r\n",
    b"POST /callbacks/0/0/midi/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
)

Use = Callable[[str], Awaitable[Interaction]]


def main() -> None:
    """Run for a while, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(_soak(given.minutes * 60)), indent=1))


async def _soak(seconds: float) -> dict[str, Any]:
    samples: list[dict[str, float]] = []
    songs: list[Interaction] = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        async with stage(data_dir) as here:
            began = time.monotonic()
            async with asyncio.TaskGroup() as group:
                looking = group.create_task(_look(here, data_dir, began, samples), name="look")
                knocking = group.create_task(_knock(here.bot.port), name="knock")
                await _use(here, songs, began + seconds)
                with contextlib.suppress(TimeoutError):
                    await here.discord.until(
                        lambda: all(map(has_result, songs)), within_seconds=LAST_SONGS_SECONDS
                    )
                looking.cancel()
                knocking.cancel()
            samples.append(_sample(here, data_dir, began))
            traces = here.bot.output().count("Traceback")
            log_mb = here.bot.log.stat().st_size / 1e6
    return {
        "load_before": round(load, 1),
        "commands": here.asked,
        "songs": len(songs),
        "undelivered": sum(not has_result(song) for song in songs),
        "traces": traces,
        "log_mb": round(log_mb, 2),
        "an_hour": {"rss_mb": _rise(samples)},
        "samples": samples,
    }


async def _use(here: Stage, songs: list[Interaction], until: float) -> None:
    people = itertools.cycle(f"person-{number}" for number in range(PEOPLE))
    for use, is_song in _uses(here):
        if time.monotonic() >= until:
            return
        asked = await use(next(people))
        if is_song:
            songs.append(asked)
        await asyncio.sleep(COMMAND_SECONDS)


def _uses(here: Stage) -> Iterator[tuple[Use, bool]]:
    """What people do, over and over, and whether it ends in a result."""
    song = sounds.encoded(sounds.melody(), "mp3")
    return itertools.cycle(
        [
            (lambda who: here.ask(who, task_id=here.kie.add_separation().id), True),
            (lambda who: here.ask(who, "midis"), False),
            (lambda who: here.ask(who, song=("song.mp3", song)), True),
            (lambda who: here.ask(who, task_id="0" * 32), False),
            (lambda who: here.ask(who, song=("score.mid", _SCORE)), True),
            (lambda who: here.ask(who, "pianola status"), False),
            (lambda who: here.ask(who, song=("page.mp3", b"<html>")), False),
            (lambda who: here.ask(who, "pianola privacy"), False),
        ]
    )


async def _knock(port: int) -> None:
    for data in itertools.cycle(_KNOCKS):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            asyncio.get_running_loop().call_later(LOOK_SECONDS, writer.close)
        await asyncio.sleep(COMMAND_SECONDS)


async def _look(here: Stage, data_dir: Path, began: float, samples: list[dict[str, float]]) -> None:
    while True:
        samples.append(_sample(here, data_dir, began))
        await asyncio.sleep(LOOK_SECONDS)


def _sample(here: Stage, data_dir: Path, began: float) -> dict[str, float]:
    process = psutil.Process(here.bot.process.pid)
    own_mb, all_mb = rss_of(process)
    kept = sum(file.stat().st_size for file in data_dir.rglob("*") if file.is_file() and file != here.bot.log)
    return {
        "minute": round((time.monotonic() - began) / 60, 1),
        "commands": here.asked,
        "rss_mb": round(own_mb, 1),
        "rss_all_mb": round(all_mb, 1),
        "descriptors": process.num_fds(),
        "threads": process.num_threads(),
        "data_mb": round(kept / 1e6, 2),
    }


def _rise(samples: list[dict[str, float]]) -> float | None:
    """MB an hour, by a line through the second half; None for too few."""
    late = samples[len(samples) // 2 :]
    if len(late) < 3:
        return None
    line = statistics.linear_regression([one["minute"] for one in late], [one["rss_mb"] for one in late])
    return round(line.slope * 60, 1)


if __name__ == "__main__":
    main()
