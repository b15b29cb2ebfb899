"""How long the event loop of a bot is held up, told by a task in it that wants to run every 2 ms.

`python -m tests.process.heartbeat FILE` does nothing else until SIGTERM: how late the machine itself lets things be.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "TEST_HEARTBEAT"
"""Names the file for the gaps; without it there is no heartbeat."""

PERIOD_SECONDS = 0.002
"""Short beside the 20 ms that are looked for, and under 3 % of a core."""

_NOTED_MS = 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A beat that came late: when (`time.monotonic`, one clock for all processes), and by how much."""

    at_seconds: float
    late_ms: float


def watch(file: Path) -> None:
    """Let the loop that this process runs next have a heartbeat; its gaps are in `file` when it ends."""
    run: Callable[[Coroutine[Any, Any, Any]], Any] = asyncio.run

    async def watched(main: Coroutine[Any, Any, Any]) -> Any:
        async with _beating(file):
            return await main

    setattr(asyncio, "run", lambda main: run(watched(main)))  # noqa: B010 (mypy knows its options)


def read_gaps(file: Path) -> list[Gap]:
    """What `watch` wrote."""
    return [Gap(*gap) for gap in json.loads(file.read_text())]


@asynccontextmanager
async def _beating(file: Path) -> AsyncIterator[None]:
    gaps: list[tuple[float, float]] = []
    task = asyncio.create_task(_beat(gaps), name="heartbeat")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(file.write_text, json.dumps(gaps))


async def _beat(gaps: list[tuple[float, float]]) -> None:
    before = time.monotonic()
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        now = time.monotonic()
        late_ms = (now - before - PERIOD_SECONDS) * 1000
        if late_ms > _NOTED_MS:
            gaps.append((now, late_ms))
        before = now


async def _only_beat(file: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with _beating(file):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_only_beat(Path(sys.argv[1])))
