"""A bot that is started again after each of a hundred kills, without importing everything each time."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from types import TracebackType
from typing import Self

from tests.chaos.scene import MortalBot
from tests.process.bot_process import Running


class Forked:
    """One bot of a nursery; what `asyncio.subprocess.Process` is for others."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = asyncio.Event()

    def end(self, code: int) -> None:
        """The nursery told of it."""
        self.returncode = code
        self._end.set()

    def send_signal(self, number: int, /) -> None:
        # Where it has ended, its number may be another's.
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        await self._end.wait()
        assert self.returncode is not None
        return self.returncode


class ForkedBot(MortalBot):
    """Its process is forked by `tests.chaos.nursery`, which lasts as long as the block."""

    _nursery: Process
    _listening: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._born: asyncio.Queue[Forked] = asyncio.Queue()
        self._nursery = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.nursery"),
            cwd=self.data_dir,
            env=self._environment,
            stdin=PIPE,
            stdout=PIPE,
        )
        self._listening = asyncio.create_task(self._listen(), name="what the nursery tells")
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # At the end of its input the nursery kills whom it forked; where the block is cancelled, nobody listens to it any more.
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        await self._nursery.wait()
        await asyncio.wait([self._listening])
        if error is not None:
            self.show_output()

    async def _started(self) -> Running:
        self.log.touch()
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(f"{self.log}\n".encode())
        return await self._born.get()

    async def _listen(self) -> None:
        assert self._nursery.stdout is not None
        living: dict[int, Forked] = {}
        async for line in self._nursery.stdout:
            what, pid, *code = line.split()
            if what == b"started":
                born = living[int(pid)] = Forked(int(pid))
                self._born.put_nowait(born)
            else:
                living.pop(int(pid)).end(int(code[0]))
