"""What a process and its children hold, in MB of 10^6 bytes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

_SAMPLE_SECONDS = 0.02
_SPARSE_SECONDS = 0.1


@dataclass(slots=True)
class Memory:
    """`rss` counts what processes share once for each, `pss` (Linux) once in all."""

    rss_mb: float = 0.0
    pss_mb: float = 0.0

    def raised_to(self, other: "Memory") -> "Memory":
        return Memory(max(self.rss_mb, other.rss_mb), max(self.pss_mb, other.pss_mb))

    def rounded(self) -> "Memory":
        return Memory(round(self.rss_mb, 1), round(self.pss_mb, 1))


def memory_of(pid: int) -> Memory:
    """Of a process and everything below it, now."""
    found = list(_memories(psutil.Process(pid)))
    return Memory(sum(one.rss_mb for one in found), sum(one.pss_mb for one in found))


def _memories(root: psutil.Process) -> Iterator[Memory]:
    for process in (root, *root.children(recursive=True)):
        # A child may end between being listed and being looked at.
        with contextlib.suppress(psutil.NoSuchProcess):
            info = process.memory_full_info()
            yield Memory(info.rss / 1e6, getattr(info, "pss", 0) / 1e6)


@asynccontextmanager
async def highest_of(pid: int) -> AsyncIterator[list[Memory]]:
    """The most that is held during the block, as the list's one item, looked at 50 times a second."""
    highest = [memory_of(pid)]

    async def watch() -> None:
        while True:
            highest[0] = highest[0].raised_to(memory_of(pid))
            await asyncio.sleep(_SAMPLE_SECONDS)

    task = asyncio.create_task(watch(), name="memory")
    try:
        yield highest
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(slots=True)
class Highest:
    """Resident memory of a process alone, and together with those below it."""

    own_mb: float = 0.0
    all_mb: float = 0.0


@asynccontextmanager
async def highest_rss_of(pid: int) -> AsyncIterator[Highest]:
    """The most during the block, looked at ten times a second: cheaper than `highest_of`, which disturbs what is measured."""
    highest = Highest()
    process = psutil.Process(pid)

    def look() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            own_mb, all_mb = rss_of(process)
            highest.own_mb = max(highest.own_mb, own_mb)
            highest.all_mb = max(highest.all_mb, all_mb)

    async def watch() -> None:
        while True:
            look()
            await asyncio.sleep(_SPARSE_SECONDS)

    task = asyncio.create_task(watch(), name="memory")
    try:
        yield highest
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def rss_of(process: psutil.Process) -> tuple[float, float]:
    """Of a process alone, and together with those below it, now."""
    own_mb = process.memory_info().rss / 1e6
    return own_mb, own_mb + sum(_rss_mb(child) for child in process.children(recursive=True))


def _rss_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / 1e6)
    except psutil.NoSuchProcess:
        return 0.0
