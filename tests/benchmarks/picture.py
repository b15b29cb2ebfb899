"""The piano roll's first and later pictures, and a preview of 30 s; prints JSON.

The first picture counts in a process of its own for each size; loading Pillow and numpy counts apart. `lag` is the
longest that the event loop waits, beyond its own sleep of 1 ms, while the work is done as the bot does it: the
picture in a thread, the preview in a process.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable
from typing import TypeVar

from bot.music.read.parse import read_notes
from bot.sound.engines import available, engines
from bot.sound.preview import preview
from tests.benchmarks.answers import answer

SIZES = (1_000, 10_000, 100_000)
PREVIEW_NOTES = 1_000
ROUNDS = 21
PROCESSES = 5
"""First pictures of each size: a process gives one only."""


_Result = TypeVar("_Result")


def main() -> None:
    """Measure, print."""
    if len(sys.argv) > 1:
        print(json.dumps(_in_this_process(int(sys.argv[1]))))
        return
    report: dict[str, object] = {str(size): _pictures(size) for size in SIZES}
    report["preview"] = asyncio.run(_preview())
    print(json.dumps(report, indent=1))


def _pictures(size: int) -> dict[str, float]:
    """The medians of a few fresh processes."""
    command = [sys.executable, "-m", "tests.benchmarks.picture", str(size)]
    found: list[dict[str, float]] = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603  # ourselves
        for _ in range(PROCESSES)
    ]
    return {name: round(statistics.median(one[name] for one in found), 1) for name in found[0]}


def _in_this_process(size: int) -> dict[str, float]:
    song = read_notes(answer(size))
    rss_before = _peak_rss_mb()
    began = time.perf_counter()
    from bot.music.roll.draw import draw  # noqa: PLC0415  # what loading it takes is measured

    loaded = time.perf_counter()
    roll = draw(song)
    first = time.perf_counter() - loaded
    again = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        draw(song)
        again.append(time.perf_counter() - start)
    rss_after = _peak_rss_mb()
    _, lag_ms = asyncio.run(_with_lag(asyncio.to_thread(draw, song)))
    return {
        "load_ms": (loaded - began) * 1000,
        "first_ms": first * 1000,
        "again_ms": statistics.median(again) * 1000,
        "lag_ms": lag_ms,
        "rss_more_mb": rss_after - rss_before,
        "png_kb": len(roll.png) / 1000,
    }


async def _preview() -> dict[str, object]:
    if reason := available():
        return {"missing": reason}
    song = read_notes(answer(PREVIEW_NOTES))
    await preview(song, seconds=1)  # what is loaded once
    began = time.perf_counter()
    made, lag_ms = await _with_lag(preview(song))
    found = engines()
    return {
        "way": f"{type(found.synthesizer).__name__}, {type(found.encoder).__name__}, {found.synthesizer.font.name}",
        "seconds": round(time.perf_counter() - began, 2),
        "lag_ms": round(lag_ms, 1),
        "process_rss_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "ogg_kb": round(len(made.ogg) / 1000),
    }


async def _with_lag(work: Awaitable[_Result]) -> tuple[_Result, float]:
    """What `work` gives, and the longest wait of the loop meanwhile."""
    longest = 0.0
    task = asyncio.ensure_future(work)
    while not task.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before - 0.001)
    return await task, longest * 1000


def _peak_rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
