"""The other side of the transcriber: a process of its own, so that a hostile song can neither stop nor swell the bot."""

import asyncio
import contextlib
import json
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any, Final

import structlog

from bot.helper import start
from bot.kie.song_errors import SongCrashedError, SongStalledError

log = structlog.get_logger(__name__)

COMMAND: Final = ("-m", "bot.studio.engines")

PROGRESS: Final = b'{"progress"'
"""Begins a line that is not the answer yet."""

SONG_MB: Final = 300
"""30 minutes take 120 MB, 3 take 100. With what the bot (135) and the libraries (60) hold it fits a host of 512 MB."""


_LAST_MOMENT_SECONDS: Final = 2.0
"""From the closed pipe of a process to its end; one at its memory's limit takes some tenths."""


class SongRefusedError(Exception):
    """The transcriber's own, readable no: `number` and `message` go into the record as they are."""

    def __init__(self, number: int, message: str) -> None:
        """Both come from the worker's answer."""
        super().__init__(message)
        self.number = number
        self.message = message


class Worker:
    """Starts the process at the first request and again after it broke; asks one thing at a time."""

    def __init__(self, cache: Path, *, song_mb: int = SONG_MB, engine_url: str | None = None) -> None:
        """Start nothing yet. In the folder `cache` the process keeps what it makes once; a song may take `song_mb`.

        With `engine_url` a MuScriptor server there hears the songs.
        """
        self._arguments = (str(cache), str(song_mb), *([engine_url] if engine_url else []))
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The running process, if there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def ask(
        self, request: dict[str, Any], *, timeout_seconds: float, silent_seconds: float | None = None
    ) -> dict[str, Any]:
        """The answer to `request`. After any exception but `SongRefusedError` the process is gone.

        Raises:
            SongRefusedError: the song cannot be done, and the worker says why.
            SongStalledError: no answer within `timeout_seconds`, or no progress within `silent_seconds`.
            SongCrashedError: the process ended, or failed in a way it does not know.
        """
        process = await self._running()
        try:
            async with asyncio.timeout(timeout_seconds):
                line = await _exchange(process, request, silent_seconds)
        except TimeoutError:
            await self.stop()
            limits = f"over {timeout_seconds:.0f} s, or over {silent_seconds} without progress"
            raise SongStalledError(f"{request['do']} took {limits}") from None
        except asyncio.CancelledError:
            await self.stop()
            raise
        if not line.endswith(b"\n"):
            await self._end_by_itself(process)
            await self.stop()
            raise SongCrashedError(f"the transcriber ended with {process.returncode}")
        answer: dict[str, Any] = json.loads(line)
        for line in answer.pop("log", ()):
            log.warning("transcriber warned", detail=line)
        if answer.pop("spent", False):
            await self.stop()
        if "broke" in answer:
            raise SongCrashedError(answer["broke"])
        if "error" in answer:
            raise SongRefusedError(answer["number"], answer["error"])
        return answer

    async def stop(self) -> None:
        """End the process at once; it keeps nothing, and its files are written whole or not at all."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        log.info("transcriber ended", pid=process.pid)

    async def _end_by_itself(self, process: Process) -> None:
        """Wait for the end of a process that said its last: a signal in that moment would take its exit code away.

        asyncio looks for the code after `kill` did, and then knows only 255.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MOMENT_SECONDS):
                await process.wait()

    async def _running(self) -> Process:
        if self.pid is None:
            await self.stop()
            self._process = await start(*COMMAND, *self._arguments)
            log.info("transcriber started", pid=self._process.pid)
        assert self._process is not None  # noqa: S101 - for the type checker: started above
        return self._process


async def _exchange(process: Process, request: dict[str, Any], silent_seconds: float | None) -> bytes:
    """One line there, one line back, after those of progress; an unfinished or empty line where the process ended."""
    assert process.stdin is not None  # noqa: S101 - for the type checker: both are pipes
    assert process.stdout is not None  # noqa: S101 (it was asked for; mypy cannot know)
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
    except ConnectionError:
        return b""
    while True:
        async with asyncio.timeout(silent_seconds):
            line = await process.stdout.readline()
        if not line.startswith(PROGRESS):
            return line
