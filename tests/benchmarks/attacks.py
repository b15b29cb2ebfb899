"""What a hostile stranger runs, as a process of its own: `python -m tests.benchmarks.attacks NAME PORT`, until SIGTERM.

`compressed` and `half` go for the bot's port; `slow` is a server at PORT whose songs never end.
"""

import asyncio
import contextlib
import gzip
import sys
from collections.abc import Callable, Coroutine

BODIES_AT_ONCE = 5
BYTES_A_SECOND = 600_000
"""Of each sender: what a cheap line gives."""

HALF_AT_ONCE = 1_024
"""As many as a process has descriptors by default."""

DRIP_SECONDS = 20.0
"""Between two bytes: under any time-out of a reader that only wants to see something."""

_PATH = "/callbacks/0123456789abcdef0123/0/midi/" + "x" * 43
_TICK_SECONDS = 0.05

Attack = Callable[[int], Coroutine[None, None, None]]


async def compressed(port: int) -> None:
    """Bodies that inflate a thousandfold, to an address that is none."""
    piece = gzip.compress(bytes(int(BYTES_A_SECOND * _TICK_SECONDS) * 1_000))
    head = f"POST {_PATH} HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 999999999\r\n\r\n"

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode())
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(_TICK_SECONDS)

    await _together(port, BODIES_AT_ONCE, send)


async def half(port: int) -> None:
    """Requests whose headers never end, each opened again as soon as it is closed."""

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /livez HTTP/1.1\r\nX: ")

    await _together(port, HALF_AT_ONCE, send)


async def slow(port: int) -> None:
    """A web server: the beginning of an mp3, and then a byte now and then."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 3000000\r\n\r\n")
            writer.write((b"\xff\xfb\x90\x64" + bytes(413)) * 20)
            while not writer.is_closing():
                await writer.drain()
                await asyncio.sleep(DRIP_SECONDS)
                writer.write(b"\0")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


ATTACKS: dict[str, Attack] = {"compressed": compressed, "half": half, "slow": slow}


async def _together(
    port: int, count: int, send: Callable[[asyncio.StreamWriter], Coroutine[None, None, None]]
) -> None:
    """`count` connections that `send` and wait for their end, for ever."""

    async def again_and_again() -> None:
        while True:
            with contextlib.suppress(OSError):
                await once()
            await asyncio.sleep(_TICK_SECONDS)

    async def once() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            sending = asyncio.create_task(send(writer), name="sender")
            while await reader.read(65_536):
                pass
            sending.cancel()
        finally:
            writer.transport.abort()

    await asyncio.gather(*(again_and_again() for _ in range(count)))


if __name__ == "__main__":
    asyncio.run(ATTACKS[sys.argv[1]](int(sys.argv[2])))
