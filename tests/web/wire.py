"""Bytes to the port and back, with no HTTP client in between that would only send what is right."""

import asyncio
from contextlib import suppress

from tests.web.conftest import Door

PATIENCE_SECONDS = 10.0


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; `_` in the name of a header is `-`."""
    given = {"Host": "x", "Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


async def connect(door: Door) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which nothing was sent yet."""
    host, _, port = door.url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


async def sent(door: Door, data: bytes) -> bytes:
    """All that comes back until the other side ends the connection."""
    reader, writer = await connect(door)
    try:
        with suppress(ConnectionError):
            writer.write(data)
            await writer.drain()
        return await the_rest(reader)
    finally:
        await close(writer)


async def the_rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes; a reset ends it as well."""
    received = bytearray()
    async with asyncio.timeout(PATIENCE_SECONDS):
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                received += piece
    return bytes(received)


async def close(writer: asyncio.StreamWriter) -> None:
    """End the connection from this side."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def status(answer: bytes) -> int:
    """Of the first answer; 0 where none came."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0
