"""The container's health check."""

import asyncio

import pytest
from aiohttp.test_utils import TestServer

from bot.web import alive
from bot.web.receiver import Receiver


async def asked(port: int | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("PORT", f'"{port}"')
    return await asyncio.to_thread(alive.main)


async def test_who_lives_is_told_from_who_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TestServer(
        Receiver(hmac_key=None, ready=lambda: "not connected").application(), host="127.0.0.1"
    )
    await server.start_server()
    port = server.port
    assert await asked(port, monkeypatch) == 0
    await server.close()
    assert await asked(port, monkeypatch) == 1
