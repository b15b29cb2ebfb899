"""What a server sends, read within bounds of size and time, and unpacked where it is packed."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp

from bot.audio.errors import FileTooLargeError
from bot.audio.failures import failed, too_slow

CHUNK_BYTES = 65_536

GRACE_SECONDS = 20.0
LOWEST_BYTES_PER_SECOND = 50_000
"""100 MB at this speed are 33 minutes, which nobody waits for; a slow phone line has five times as much."""

LONGEST_SECONDS = 600.0
"""100 MB at 1.4 Mbit/s."""


class Pace:
    """How long may be waited for the next bytes, counted from its making."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self._read = 0

    def until(self) -> float:
        """The loop's time at which the mean speed would be below the lowest, or all of it takes too long."""
        seconds = max(GRACE_SECONDS, self._read / LOWEST_BYTES_PER_SECOND)
        return self._began + min(seconds, LONGEST_SECONDS)

    def got(self, count: int) -> None:
        """So many bytes came."""
        self._read += count


async def read_body(
    response: aiohttp.ClientResponse, pace: Pace, *, most_bytes: int, too_large: FileTooLargeError
) -> AsyncGenerator[bytes, None]:
    """The body in pieces; of a packed one what is in it.

    Raises:
        FileTooLargeError: `too_large`, once there are more than `most_bytes`.
        AddressFailedError: it breaks off, or comes too slowly.
    """
    left = most_bytes
    pieces = _received(response, pace)
    if response.headers.get("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip", "deflate"}:
        pieces = _unpacked(pieces)
    async for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise too_large
        yield piece


async def _received(response: aiohttp.ClientResponse, pace: Pace) -> AsyncGenerator[bytes, None]:
    while True:
        waiting = asyncio.timeout_at(pace.until())
        try:
            async with waiting:
                piece = await response.content.read(CHUNK_BYTES)
        except (aiohttp.ClientError, OSError) as error:
            raise (too_slow() if waiting.expired() else failed(error)) from error
        if not piece:
            return
        pace.got(len(piece))
        yield piece


async def _unpacked(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Off the loop and piece by piece: a thousandfold of what came may be in it."""
    # 32: the format, zlib's or gzip's, is taken from the data.
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)
    async for piece in pieces:
        packed = piece
        while packed and not unpacker.eof:
            try:
                unpacked = await asyncio.to_thread(unpacker.decompress, packed, CHUNK_BYTES * 16)
            except zlib.error as error:
                raise failed(error) from error
            packed = unpacker.unconsumed_tail
            if unpacked:
                yield unpacked
    if not unpacker.eof:
        raise failed(EOFError())
