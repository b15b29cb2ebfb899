"""What a process and its children hold, in MB of 10^6 bytes; run as a command, the bot with two songs of 100 MB at once.

`idle` is before, `highest` while both songs come from an address and go up to a studio, `after` once both are posted.
"""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from aiohttp import web

from tests.discord_server import DiscordServer, Interaction
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

_SAMPLE_SECONDS = 0.02

SONG_BYTES = 100 * 10**6
PIECE_BYTES = 1 << 20
PATIENCE_SECONDS = 300.0


class _NearBot(BotProcess):
    launcher = "tests.benchmarks.launch_near"


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
async def _looking(look: Callable[[], None], *, every_seconds: float) -> AsyncIterator[None]:
    """During the block."""

    async def watch() -> None:
        while True:
            look()
            await asyncio.sleep(every_seconds)

    task = asyncio.create_task(watch(), name="memory")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def highest_of(pid: int) -> AsyncIterator[list[Memory]]:
    """The most that is held during the block, as the list's one item, looked at 50 times a second."""
    highest = [memory_of(pid)]

    def look() -> None:
        highest[0] = highest[0].raised_to(memory_of(pid))

    async with _looking(look, every_seconds=_SAMPLE_SECONDS):
        yield highest


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

    async with _looking(look, every_seconds=_SPARSE_SECONDS):
        yield highest


def rss_of(process: psutil.Process) -> tuple[float, float]:
    """Of a process alone, and together with those below it, now."""
    own_mb = process.memory_info().rss / 1e6
    return own_mb, own_mb + sum(_rss_mb(child) for child in process.children(recursive=True))


def _rss_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / 1e6)
    except psutil.NoSuchProcess:
        return 0.0


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(asyncio.run(_two_songs(Path(directory))), indent=1))


async def _two_songs(directory: Path) -> dict[str, dict[str, float]]:
    async with (
        _shop() as address,
        DiscordServer() as discord,
        KieServer() as kie,
        _NearBot(directory, discord, kie, PREVIEW_SECONDS="0") as bot,
    ):
        await discord.connected()
        pid = bot.process.pid
        idle = memory_of(pid)
        async with highest_of(pid) as highest, asyncio.timeout(PATIENCE_SECONDS):
            asked = [await _ask(discord, address, place) for place in range(2)]
            await discord.until(
                lambda: all(_has_result(discord, one) for one in asked), within_seconds=PATIENCE_SECONDS
            )
        sizes = [len(song) for song in kie.uploads.values()]
        if sizes != [SONG_BYTES] * 2:
            raise AssertionError(f"what arrived at the studio: {sizes}")
        report = {"idle": idle, "highest": highest[0], "after": memory_of(pid)}
    return {name: asdict(memory.rounded()) for name, memory in report.items()}


async def _ask(discord: DiscordServer, address: str, place: int) -> Interaction:
    """Somebody of their own, as one person's songs go one after the other."""
    world = discord.world
    person = world.add_user(f"Person {place}")
    where = discord.where(person, world.add_channel(world.guild, f"song-{place}"))
    return await discord.slash("midi", at=where, url=f"{address}/song-{place}.wav")


def _has_result(discord: DiscordServer, asked: Interaction) -> bool:
    messages = discord.world.messages_in(asked.channel)
    return any(file.name.endswith(".mid") for message in messages for file in message.files)


@asynccontextmanager
async def _shop() -> AsyncIterator[str]:
    """Where the songs are; each is made while it is sent."""

    async def song(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(SONG_BYTES)})
        await response.prepare(request)
        head = b"RIFF\xff\xff\xff\x7fWAVEfmt " + bytes(28)
        await response.write(head)
        left = SONG_BYTES - len(head)
        while left:
            piece = bytes(min(left, PIECE_BYTES))
            await response.write(piece)
            left -= len(piece)
        return response

    application = web.Application()
    application.router.add_get("/{name}", song)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main()
