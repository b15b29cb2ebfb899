"""Starts, watches, ends and kills the bot."""

import asyncio
import contextlib
import functools
import secrets
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Protocol, Self

import aiohttp
from filelock import BaseFileLock, FileLock, Timeout

from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process import nursery
from tests.process.launch import API, GATEWAY
from tests.process.nursery import Birth, Forked


class Running(Protocol):
    """What is used of `asyncio.subprocess.Process`."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int, /) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class BotProcess:
    """One bot with its data in a directory; a second one with the same directory takes over where this one ended.

    Its log is `bot.log` in that directory, and shown when the block is left by an error.
    """

    launcher = "tests.process.launch"
    """The module that starts it."""

    nursery: ClassVar[Path | None] = None
    """The socket of a nursery that forks it; without one, and where its code is another, it imports everything itself."""

    def __init__(self, data_dir: Path, discord: DiscordServer, kie: KieServer, **settings: str) -> None:
        """`settings` are environment variables over those that point at the stand-ins."""
        self.data_dir = data_dir
        self.log = data_dir / "bot.log"
        self.port = free_port()
        self._environment = {
            **nursery.environment(),
            API: discord.api_url,
            GATEWAY: discord.gateway_url,
            "DISCORD_TOKEN": discord.token,
            "KIE_API_KEY": kie.key,
            "KIE_API_URL": kie.url,
            "KIE_UPLOAD_URL": kie.url,
            **({"KIE_WEBHOOK_HMAC_KEY": kie.hmac_key} if kie.hmac_key else {}),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "LOG_LEVEL": "DEBUG",
            **settings,
        }
        self.arguments: tuple[str, ...] = ()
        self._process: Running | None = None

    @property
    def process(self) -> Running:
        assert self._process is not None, "not started"
        return self._process

    @property
    def is_running(self) -> bool:
        return self.process.returncode is None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running:
            await self.kill()
        if error is not None:
            self.show_output()

    async def start(self) -> None:
        """Start it, again if it has ended."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._process = await self._started()

    async def _started(self) -> Running:
        # No .env of a developer's is read: it is looked up in the directory of the process.
        if self.nursery and nursery.can_bear(self._environment):
            return await Forked.born(
                self.nursery,
                Birth(
                    self.launcher, self.arguments, str(self.data_dir), str(self.log), dict(self._environment)
                ),
            )
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.launcher,
                *self.arguments,
                cwd=self.data_dir,
                env=self._environment,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def answer(self, path: str, **headers: str) -> str:
        """What an address of it says."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}", headers=headers) as answer,
        ):
            return await answer.text()

    async def kill(self) -> None:
        """SIGKILL: nothing of it runs on."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self, *, within_seconds: float = 20.0) -> int:
        """SIGTERM, as a host ends it; returns the exit code.

        Raises:
            TimeoutError: it did not end in time.
        """
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(within_seconds=within_seconds)

    async def ended(self, *, within_seconds: float = 20.0) -> int:
        """Wait for its end; returns the exit code."""
        async with asyncio.timeout(within_seconds):
            return await self.process.wait()

    async def health(self, path: str) -> int:
        """The HTTP status of `/livez` or `/readyz`; 0 while nothing listens."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
            ):
                return answer.status
        except aiohttp.ClientConnectionError:
            return 0

    async def wait_ready(self) -> None:
        """Wait for `/readyz`: 2 s or more after the first interaction could be served."""
        await self.wait_health("/readyz", 200)

    async def wait_health(self, path: str, status: int, *, within_seconds: float = 20.0) -> None:
        """Wait for a health address to answer so."""
        async with asyncio.timeout(within_seconds):
            while await self.health(path) != status:
                assert self.is_running, f"it ended with {self.process.returncode}:\n{self.output()}"
                await asyncio.sleep(0.05)  # another process gives no other sign

    def show_output(self) -> None:
        """For the report of a failed test."""
        sys.stderr.write(f"--- {self.log.name} ---\n{self.output()}\n")

    def output(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


_RANGES, _PORTS = 16, 1_370


@functools.cache
def _own_ports() -> tuple[int, BaseFileLock | None]:
    """The first port of those that no other process of tests on this machine takes, until this one ends."""
    for first in range(10_000, 10_000 + _RANGES * _PORTS, _PORTS):
        lock = FileLock(Path(tempfile.gettempdir()) / f"pianola-tests-{first}.lock")
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(blocking=False)
            return first, lock
    # More than that are at work here: a port that two choose in the same second is unlikely still.
    return 10_000 + secrets.randbelow(_RANGES) * _PORTS, None


def free_port() -> int:
    """A port that nothing listens on now.

    It is below those that systems give to whoever asks for any: between this look and the start of the bot one of those
    could become the end of a connection.
    """
    first, _ = _own_ports()
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            # Hypothesis seeds `random` alike in all processes.
            port = first + secrets.randbelow(_PORTS)
            probe.bind(("127.0.0.1", port))
            return port
