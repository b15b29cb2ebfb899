"""Helper processes: what is heavy, or hostile, is worked on outside of the bot, without its secrets and within bounds."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path

import bot

_PASSED_ON = (
    "PATH",
    "HOME",  # fonts are looked for there
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
)
"""No token or key is in the memory of a process that works on strangers' files."""

_PIECE_BYTES = 1 << 16
"""What a pipe of Linux holds."""

_SAID_BYTES = 1000
"""Of what a helper said before it failed: the end of a trace."""


class HelperError(Exception):
    """A helper took too long, or ended without an answer; what it said is for the log."""


async def start(*arguments: str, stderr: int | None = None, lent: Sequence[int] = ()) -> Process:
    """Start this Python with `arguments`, such as `-m` and a module of ours; standard input and output are pipes.

    `lent` are descriptors of open files that it has as well.
    """
    root = str(Path(bot.__file__).parent.parent)
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # -P: what lies in the folder where the bot was started is not imported.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=stderr,
        pass_fds=lent,
        env=environment | {"PYTHONPATH": root},
    )


async def answer(
    *arguments: str,
    given: bytes,
    seconds: float,
    lent: Sequence[int] = (),
    told: Callable[[bytes], None] = lambda _: None,
) -> bytes:
    """What a helper makes of `given`: its whole standard output. The process ends with this call, however that ends.

    `told` hears each line of its standard error as it comes.

    Raises:
        HelperError: it took over `seconds`, failed, or was killed.
    """
    process = await start(*arguments, stderr=PIPE, lent=lent)
    try:
        async with asyncio.timeout(seconds):
            made, said = await _talked(process, given, told)
    except TimeoutError:
        raise HelperError(f"it took over {seconds:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not made:
        raise HelperError(f"it ended with {process.returncode}: {said.decode(errors='replace')}")
    return made


async def _talked(process: Process, given: bytes, told: Callable[[bytes], None]) -> tuple[bytes, bytes]:
    """Its standard output, and the end of what it said, once it has ended."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("a helper was started without its pipes")
    made, said, _ = await asyncio.gather(
        process.stdout.read(), _heard(process.stderr, told), _give(process.stdin, given)
    )
    await process.wait()
    return made, said


async def _give(pipe: asyncio.StreamWriter, given: bytes) -> None:
    # One that ended before it read everything says itself why.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        # What a pipe does not take at once is copied: of 10 MB, all but the first 64 kB.
        for first in range(0, len(given), _PIECE_BYTES):
            pipe.write(given[first : first + _PIECE_BYTES])
            await pipe.drain()
    pipe.close()


async def _heard(stream: asyncio.StreamReader, told: Callable[[bytes], None]) -> bytes:
    said = line = b""
    while chunk := await stream.read(_SAID_BYTES):
        said = (said + chunk)[-_SAID_BYTES:]
        *lines, line = (line + chunk).split(b"\n")
        line = line[-_SAID_BYTES:]
        for whole in lines:
            told(whole)
    return said
