"""What a bot takes of a container's memory, and what it bears: `uv run python -m tests.benchmarks.small_host --mb 512`, prints JSON.

Linux, as root: the bot's process and its helpers are put into a memory cgroup, which counts each page once, files that were
read among them, and ends a process where no more is to be had. `most_mb` is the highest so far, `ended` how many processes
were ended so far. With `--studio` the built-in studio hears the songs, else the stand-in for kie.ai.
"""

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.answers import answer
from tests.benchmarks.main_job import song_of
from tests.benchmarks.stage import Stage
from tests.discord_server import DiscordServer, Interaction, Message
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

SONGS = 3
NOTES = 5_000
SONG_PATIENCE_SECONDS = 300.0
PATIENCE_SECONDS = 30.0

_CGROUPS = Path("/sys/fs/cgroup")
_NO_KIE = {"KIE_API_KEY": "", "KIE_WEBHOOK_HMAC_KEY": ""}


@dataclass(frozen=True, slots=True)
class Container:
    """A memory cgroup, of version 1 or 2."""

    folder: Path
    limit: str
    most: str
    told: str
    """Its files for the limit, the most that was held, and what happened."""

    def take_in(self, pid: int) -> None:
        (self.folder / "cgroup.procs").write_text(str(pid))

    def most_mb(self) -> int:
        return round(int((self.folder / self.most).read_text()) / 1e6)

    def ended(self) -> int:
        found = re.search(r"^oom_kill (\d+)$", (self.folder / self.told).read_text(), re.MULTILINE)
        assert found, "this kernel counts none"
        return int(found[1])


@contextmanager
def container(mb: int) -> Iterator[Container]:
    """An empty one with so many MB (of 2^20 bytes, as hosts count); its processes have ended when this is left."""
    first = _CGROUPS / "memory"
    if first.is_dir():
        made = Container(
            first / "pianola", "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"
        )
    else:
        made = Container(_CGROUPS / "pianola", "memory.max", "memory.peak", "memory.events")
    made.folder.mkdir()
    try:
        (made.folder / made.limit).write_text(str(mb << 20))
        yield made
    finally:
        _until_empty(made.folder)
        made.folder.rmdir()


def _until_empty(folder: Path) -> None:
    """Helpers end a moment after the bot that was killed."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (folder / "cgroup.procs").read_text() and time.monotonic() < until:
        time.sleep(0.1)


def main() -> None:
    """Use a bot in a small container, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.small_host")
    parser.add_argument("--mb", type=int, default=512)
    parser.add_argument("--studio", action="store_true")
    parser.add_argument("--song-seconds", type=int, default=180)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the bot"
    )
    given = parser.parse_args()
    with container(given.mb) as held:
        print(json.dumps(asyncio.run(_report(held, given)), indent=1))


async def _report(held: Container, given: argparse.Namespace) -> dict[str, Any]:
    song = song_of(given.song_seconds) if given.studio else b""
    steps: list[dict[str, Any]] = []

    async def step(name: str, *works: Awaitable[bool]) -> None:
        began = time.monotonic()
        done = await asyncio.gather(*works)
        took = round(time.monotonic() - began, 1)
        steps.append(
            {"step": name, "done": sum(done), "of": len(done), "s": took}
            | {"most_mb": held.most_mb(), "ended": held.ended()}
        )

    with tempfile.TemporaryDirectory() as folder:
        async with (
            DiscordServer() as discord,
            KieServer(hmac_key="signing-key") as kie,
            BotProcess(Path(folder), discord, kie, **(_NO_KIE if given.studio else {})) as bot,
        ):
            # What it held before would count for nobody.
            held.take_in(bot.process.pid)
            await bot.wait_ready()
            here = Stage(discord, kie, bot)
            kie.notes = json.loads(answer(NOTES))
            asked: Interaction | None = None
            for _ in range(SONGS):
                options = (
                    {"song": ("song.mp3", song)} if given.studio else {"task_id": kie.add_separation().id}
                )
                asked = await here.ask("somebody", **options)
                await step("song", _has(here, asked, ".mid", ".ogg", within_seconds=SONG_PATIENCE_SECONDS))
            message = asked and asked.original
            assert message, "no song is left to go on with"
            sheet, video = _pressed(here, message, "sheet"), _chosen(here, message, "video")
            await step("sheet", sheet())
            await step("video", video())
            await step("two sheets and a video", sheet(), sheet(), video())
            is_alive = bot.is_running
    return {"mb": given.mb, "studio": given.studio, "steps": steps, "bot_is_alive": is_alive}


async def _has(
    here: Stage, asked: Interaction, *endings: str, within_seconds: float = PATIENCE_SECONDS
) -> bool:
    """Whether the answer comes to have these files."""

    def names() -> list[str]:
        return [file.name for file in asked.original.files] if asked.original else []

    try:
        await here.discord.until(
            lambda: all(any(name.endswith(ending) for name in names()) for ending in endings),
            within_seconds=within_seconds,
        )
    except TimeoutError:
        return False
    return True


def _pressed(here: Stage, message: Message, name: str) -> Callable[[], Awaitable[bool]]:
    async def press() -> bool:
        button = next(one for one in _controls(message) if one.startswith(f"pianola:{name}:"))
        return await _has(here, await here.discord.click(message, button), ".png")

    return press


def _chosen(here: Stage, message: Message, what: str) -> Callable[[], Awaitable[bool]]:
    async def choose() -> bool:
        menu = next(one for one in _controls(message) if one.startswith("pianola-menu:more:"))
        return await _has(here, await here.discord.select(message, menu, [what]), ".mp4")

    return choose


def _controls(message: Message) -> list[str]:
    return [one["custom_id"] for row in message.components for one in row["components"]]


if __name__ == "__main__":
    main()
