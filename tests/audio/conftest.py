"""A server on loopback that answers as a test says, and who fetches from it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.audio.fetch import Download, Fetcher
from tests.answering import Handler, Serve, serving

SONG = b"fLaC\x00\x00\x00\x22" + bytes(range(256)) * 400
"""100 kB that begin like flac."""


def answering(body: bytes = SONG, *, status: int = 200, **headers: str) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(
            body=body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return handle


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with serving() as start:
        yield start


def near() -> Fetcher:
    """A fetcher that may reach loopback at any port."""
    return Fetcher(allows=lambda host: host in {"127.0.0.1", "::1"}, ports=None)


async def whole(address: str, *, max_bytes: int = 1_000_000) -> tuple[Download, bytes]:
    async with near().fetch(address, max_bytes=max_bytes) as download:
        return download, b"".join([chunk async for chunk in download.chunks])
