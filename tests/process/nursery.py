"""Forks bots that have imported everything already, which spares each a second of a core.

`python -m tests.process.nursery SOCKET` waits there. Each connection is one process: `Birth` as a line of JSON comes in, its
pid goes out, and at its end its exit code.
"""

import asyncio
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn

import msgspec

ROOT: Final = Path(__file__).resolve().parents[2]

_READY: Final = b"ready\n"

_IMPORTED = (
    "bot.app",
    "bot.chat.discord.gateway",
    "bot.cli",
)
"""What a bot imports on its way to be connected, besides what its command does at once."""


class Birth(msgspec.Struct, frozen=True):
    """What `python -m MODULE ARGUMENTS` is started with."""

    module: str
    arguments: tuple[str, ...]
    directory: str
    log: str
    environment: dict[str, str]


def environment() -> dict[str, str]:
    """What every bot of a test has in its environment, and a nursery from its start on."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def can_bear(wanted: Mapping[str, str]) -> bool:
    """Whether a process with this environment is one of the code that a nursery has imported."""
    return wanted.items() >= environment().items()


@contextmanager
def nursery(folder: Path) -> Iterator[Path]:
    """The socket of a nursery, in `folder`; it ends with the block."""
    path = folder / "nursery"
    with subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "tests.process.nursery", str(path)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == _READY
            yield path
        finally:
            process.kill()


class Forked:
    """One process of a nursery; what `asyncio.subprocess.Process` is for others."""

    def __init__(self, pid: int, told: asyncio.StreamReader, asked: asyncio.StreamWriter) -> None:
        """`told` tells its exit code when it ends."""
        self.pid = pid
        self.returncode: int | None = None
        self._asked = asked
        self._end = asyncio.create_task(self._ended(told), name="the end of a bot")

    @classmethod
    async def born(cls, nursery: Path, birth: Birth) -> "Forked":
        told, asked = await asyncio.open_unix_connection(nursery)
        asked.write(msgspec.json.encode(birth) + b"\n")
        return cls(int(await told.readline()), told, asked)

    def send_signal(self, number: int, /) -> None:
        # Where it has ended, its number may be another's.
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    async def _ended(self, told: asyncio.StreamReader) -> int:
        self.returncode = int(await told.readline())
        self._asked.close()
        return self.returncode


def main(path: str) -> None:
    """Serve until killed."""
    for name in _IMPORTED:
        import_module(name)
    # Who watches over a bot is waited for by nobody.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        os.write(1, _READY)
        while True:
            connection, _ = listening.accept()
            with connection:
                if os.fork():
                    continue
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _watch_over(connection)


def _watch_over(connection: socket.socket) -> None:
    """Be the parent of one bot; in the bot itself, return by its `SystemExit`."""
    with connection.makefile("rb") as lines:
        birth = msgspec.json.decode(lines.readline(), type=Birth)
    if (pid := os.fork()) == 0:
        connection.close()
        _be(birth)
    connection.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    try:
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    finally:
        os._exit(0)


def _be(birth: Birth) -> NoReturn:
    os.environ.update(birth.environment)
    os.chdir(birth.directory)
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(birth.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for opened, place in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(opened, place)
    os.close(nothing)
    os.close(written)
    sys.path[0] = birth.directory
    sys.argv[1:] = birth.arguments
    runpy.run_module(birth.module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
