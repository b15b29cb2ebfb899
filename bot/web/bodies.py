"""The body of a request that has shown its secrets: read within bounds, and inflated off the event loop."""

import asyncio
import zlib

from aiohttp import web

_COMPRESSED = {"gzip", "x-gzip", "deflate"}

_ANY_HEADER = 32 + zlib.MAX_WBITS
"""zlib looks itself whether it is gzip's or zlib's."""

_NO_HEADER = -zlib.MAX_WBITS
"""What some send as `deflate`."""


class BodyError(Exception):
    """A body that is not taken, with the status and the sentence to answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


async def read(request: web.Request, most: int) -> bytes:
    """The whole body, of `most` bytes at the most, inflated where it is compressed.

    One that only says it is compressed is given as it came: whether it is of use shows when it is read.

    Raises:
        BodyError: it is too large, or broke off.
    """
    body = await _read(request, most)
    if request.headers.get("Content-Encoding", "").strip().lower() not in _COMPRESSED:
        return body
    return await asyncio.to_thread(_inflated, body, most)


async def _read(request: web.Request, most: int) -> bytes:
    if (request.content_length or 0) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        await _invite(request)
        async for piece in request.content.iter_any():
            body += piece
            if len(body) > most:
                raise _too_large(most)
    except (OSError, web.RequestPayloadError) as error:
        raise BodyError(400, "the body broke off") from error
    return bytes(body)


async def nothing_expected(_request: web.Request) -> None:
    """For a route: who asks whether to send a body is not told yes before the route has looked."""


async def _invite(request: web.Request) -> None:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # The answer is still to come: aiohttp takes what was written for a part of it.
        request.writer.output_size = 0


def _inflated(body: bytes, most: int) -> bytes:
    for header in (_ANY_HEADER, _NO_HEADER):
        try:
            inflated = zlib.decompressobj(header).decompress(body, most + 1)
        except zlib.error:
            continue
        if len(inflated) > most:
            raise _too_large(most)
        return inflated
    return body


def _too_large(most: int) -> BodyError:
    return BodyError(413, f"more than {most} bytes")
