"""Callbacks come until they are taken, four times at most."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, ClientTimeout

from bot.kie.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from bot.studio.callbacks import Callbacks
from tests.studio.conftest import HMAC_KEY, Inbox

TASK = "5c79aaaabbbbccccddddeeeeffffbe8e"


@pytest.fixture
async def callbacks() -> AsyncIterator[Callbacks]:
    async with ClientSession() as session:
        yield Callbacks(session, hmac_key=HMAC_KEY, pauses_seconds=(0.001, 0.001, 0.001))


async def test_a_callback_that_is_taken_comes_once(callbacks: Callbacks, inbox: Inbox) -> None:
    assert await callbacks.deliver(inbox.url, task_id=TASK, body=b'{"code": 200}')

    assert [body for _, body in inbox.got] == [{"code": 200}]
    assert inbox.got[0][0]["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [500, 404, 401, 302])
async def test_a_callback_that_is_refused_comes_again(
    callbacks: Callbacks, inbox: Inbox, status: int
) -> None:
    inbox.answers = [status, status]

    assert await callbacks.deliver(inbox.url, task_id=TASK, body=b"{}")

    assert len(inbox.got) == 3


async def test_after_three_repeats_it_is_given_up(callbacks: Callbacks, inbox: Inbox) -> None:
    inbox.answers = [500] * 10

    assert not await callbacks.deliver(inbox.url, task_id=TASK, body=b"{}")

    assert len(inbox.got) == 4


async def test_nobody_there_is_no_error(callbacks: Callbacks) -> None:
    with socket.socket() as deaf:
        # Bound, but not listening: whoever connects is refused, and nobody else can take the port.
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/callback"
        assert not await callbacks.deliver(url, task_id=TASK, body=b"{}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "nonsense", "http://"])
async def test_an_address_that_is_none_is_no_error(callbacks: Callbacks, url: str) -> None:
    assert not await callbacks.deliver(url, task_id=TASK, body=b"{}")


async def test_each_try_is_signed_for_its_own_time(inbox: Inbox) -> None:
    times = iter([1_769_670_760.5, 1_769_670_790.5])
    inbox.answers = [500]
    async with ClientSession() as session:
        callbacks = Callbacks(session, hmac_key=HMAC_KEY, pauses_seconds=(0.001,), clock=lambda: next(times))
        await callbacks.deliver(inbox.url, task_id=TASK, body=b"{}")

    stamps = [headers[TIMESTAMP_HEADER] for headers, _ in inbox.got]
    assert stamps == ["1769670760", "1769670790"]
    for (headers, _), stamp in zip(inbox.got, stamps, strict=True):
        assert verify(HMAC_KEY, TASK, stamp, headers[SIGNATURE_HEADER], now=float(stamp))


async def test_a_receiver_that_never_answers_is_left(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr("bot.studio.callbacks.PATIENCE", ClientTimeout(total=0.05))
    async with ClientSession() as session:
        callbacks = Callbacks(session, hmac_key=None, pauses_seconds=(), clock=time.time)
        assert not await callbacks.deliver(f"http://127.0.0.1:{port}/", task_id=TASK, body=b"{}")
    server.close()
    await server.wait_closed()
