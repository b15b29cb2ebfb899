"""The command as a program of its own, started and waited for."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
HOST_SIGNS = {
    "RENDER", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT", "KOYEB_APP_NAME", "FLY_APP_NAME", "DYNO",
}  # fmt: skip
PATIENCE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int | None
    out: str
    err: str

    @property
    def is_one_line(self) -> bool:
        """Whether it said one thing, to the owner, and no trace."""
        return not self.out and len(self.err.splitlines()) == 1 and self.err.startswith("pianola: ")


async def start(directory: Path, *arguments: str, **settings: str) -> Process:
    """`python -m bot` in a directory, with these settings and none of whoever runs the tests."""
    foreign = {name.upper() for name in Settings.model_fields} | HOST_SIGNS
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=directory,
        env=environment | {"PYTHONPATH": str(ROOT)} | settings,
        stdout=PIPE,
        stderr=PIPE,
    )


async def end_of(process: Process) -> Ended:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, out.decode(), err.decode())


async def pianola(directory: Path, *arguments: str, **settings: str) -> Ended:
    return await end_of(await start(directory, *arguments, **settings))


@asynccontextmanager
async def playground(directory: Path, **settings: str) -> AsyncIterator[tuple[Process, str]]:
    """A playground that is open, and its address."""
    process = await start(directory, **settings)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+\S*", line := await read_line(process))):
                assert line
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def read_line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()
