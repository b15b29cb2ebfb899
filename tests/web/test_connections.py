"""Connections at the port: how many, how long, and that those who only hold them stop nobody."""

import asyncio
import errno
import json
import resource
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.web import connections
from bot.web.connections import FEWEST_CONNECTIONS, MOST_CONNECTIONS, Limits, connections_here
from bot.web.receiver import Receiver
from tests.web.conftest import NEW_SHAPE, TASK_ID, Door, Open, opened
from tests.web.wire import PATIENCE_SECONDS, close, connect, request, sent, status, the_rest

INVITED = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n"
HALF = b"GET /livez HTTP/1.1\r\nX: "


async def hold(
    stack: AsyncExitStack, door: Door, count: int, data: bytes = HALF
) -> list[asyncio.StreamReader]:
    """Connections that sent `data` and stay."""
    readers = []
    for _ in range(count):
        reader, writer = await connect(door)
        stack.push_async_callback(close, writer)
        writer.write(data)
        await writer.drain()
        readers.append(reader)
    return readers


async def test_half_requests_keep_nobody_out(open_door: Open) -> None:
    door = await open_door(limits=Limits(8))
    async with AsyncExitStack() as stack:
        readers = await hold(stack, door, 30)
        assert await door.request("GET", "/livez") == (200, {"status": "alive"})
        assert await door.post() == 200
        assert await the_rest(readers[0]) == b""


async def test_headers_are_waited_for_only_so_long(open_door: Open) -> None:
    door = await open_door(limits=Limits(8, head_seconds=0.05))
    assert await sent(door, HALF) == b""
    assert await sent(door, b"") == b""


@pytest.mark.parametrize("begun", [b"GET /livez HTTP/1.1\r\nX: ", b"GET /"])
async def test_a_line_of_a_request_that_does_not_end_is_refused_while_it_comes(
    door: Door, begun: bytes
) -> None:
    assert status(await sent(door, begun + b"x" * 20_000)) in {400, 414, 431}


@pytest.mark.parametrize(("count", "answers"), [(60, {200}), (70, {400, 431})])
async def test_a_request_has_only_so_many_headers(door: Door, count: int, answers: set[int]) -> None:
    head = "GET /livez HTTP/1.1\r\nHost: x\r\n" + "".join(f"X-{number}: x\r\n" for number in range(count))
    assert status(await sent(door, f"{head}\r\n".encode())) in answers


async def test_what_is_no_http_is_refused_at_its_first_byte(door: Door) -> None:
    assert status(await sent(door, b"\x16\x03\x01")) == 400


async def test_who_sends_half_a_body_does_not_hold_up_the_end(tmp_path: Path) -> None:
    receiver = Receiver(hmac_key=None, ready=lambda: None, patience_seconds=60)
    async with asyncio.timeout(10), opened(tmp_path, receiver, TASK_ID) as door:
        reader, writer = await connect(door)
        writer.write(INVITED.format(door.path(), 100).encode())
        assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
    await close(writer)


async def test_a_connection_lives_only_so_long_whatever_comes(open_door: Open) -> None:
    door = await open_door(limits=Limits(8, life_seconds=0.2))
    reader, writer = await connect(door)
    head = f"POST {door.path()} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode() + b"1\r\n{\r\n")
    assert await the_rest(reader) == b""
    await close(writer)
    assert await door.kept() == []


async def test_a_callback_under_way_is_not_dropped_for_others(open_door: Open) -> None:
    door = await open_door(limits=Limits(4))
    body = json.dumps(NEW_SHAPE).encode()
    reader, writer = await connect(door)
    head = f"POST {door.path()} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    async with AsyncExitStack() as stack:
        await hold(stack, door, 20)
        writer.write(body)
        assert status(await the_rest(reader)) == 200
    await close(writer)
    assert await door.kept() == [body]


@pytest.mark.parametrize("pause_seconds", [0.0, 0.1])
async def test_who_closes_their_side_behind_a_whole_request_is_answered(
    door: Door, pause_seconds: float
) -> None:
    body = json.dumps(NEW_SHAPE).encode()
    for data in (request("GET", "/livez"), request("GET", "/nowhere"), request("POST", door.path(), body)):
        reader, writer = await connect(door)
        writer.write(data)
        # With the last byte, or when it is being answered.
        await asyncio.sleep(pause_seconds)
        writer.write_eof()
        assert status(await the_rest(reader)) == (404 if b"nowhere" in data else 200)
        await close(writer)
    assert await door.kept() == [body]


def answering() -> list[str]:
    return [repr(task) for task in asyncio.all_tasks() if "RequestHandler" in repr(task.get_coro())]


@pytest.mark.parametrize("pause_seconds", [0.0, 0.1])
async def test_who_closes_their_side_in_the_middle_is_closed_at_once(
    open_door: Open, monkeypatch: pytest.MonkeyPatch, pause_seconds: float
) -> None:
    # No time of ours ends any of them: what is closed here is closed for what it is.
    monkeypatch.setattr(connections, "_HALF_CLOSED_SECONDS", 600.0)
    door = await open_door(limits=Limits(8, head_seconds=600.0, life_seconds=600.0), patience_seconds=600.0)
    whole = request("POST", door.path(), b"{" + b" " * 100)
    for data in (whole[:-1], HALF, b""):
        reader, writer = await connect(door)
        writer.write(data)
        await asyncio.sleep(pause_seconds)
        writer.write_eof()
        assert status(await the_rest(reader)) in {0, 400}
        await close(writer)
    # What was begun of it ends as soon as its turn comes.
    async with asyncio.timeout(PATIENCE_SECONDS):
        while answering():  # noqa: ASYNC110 (aiohttp's own tasks give no sign)
            await asyncio.sleep(0.01)
    assert await door.kept() == []


async def test_who_closes_their_side_in_headers_without_end_is_closed_soon(open_door: Open) -> None:
    door = await open_door(limits=Limits(8, head_seconds=600.0, life_seconds=600.0), patience_seconds=600.0)
    reader, writer = await connect(door)
    writer.write(b"GET /livez HTTP/1.1\r\n" + b"".join(b"X%d: %s\r\n" % (n, b"y" * 1000) for n in range(20)))
    writer.write_eof()
    assert status(await the_rest(reader)) in {0, 400}
    await close(writer)
    assert answering() == []


async def test_an_answer_ends_its_connection(door: Door) -> None:
    answer = await sent(door, request("GET", "/livez") * 100)
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close" in answer


async def test_nobody_is_invited_to_send_a_body_before_the_path_is_right(door: Door) -> None:
    assert status(await sent(door, INVITED.format(door.path(secret="x" * 43), 2).encode())) == 404


async def test_who_sends_more_than_is_wanted_still_gets_the_answer(door: Door) -> None:
    head = f"POST {door.path(secret='x' * 43)} HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"
    assert status(await sent(door, head.encode() + bytes(2_000_000))) == 404


async def test_what_is_turned_away_is_one_line_a_minute(open_door: Open) -> None:
    with capture_logs() as events:
        door = await open_door(limits=Limits(8))
        for _ in range(20):
            assert status(await sent(door, b"NOT HTTP\r\n\r\n")) == 400
        async with AsyncExitStack() as stack:
            await hold(stack, door, 20)
            await door.request("GET", "/livez")
    assert [event["event"] for event in events if event["event"] != "job.opened"] == ["requests.turned_away"]


async def test_a_port_without_descriptors_opens_again(
    open_door: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    accept, failures = loop.sock_accept, [OSError(errno.EMFILE, "none left"), ConnectionAbortedError()]

    async def scarce(listening: socket.socket) -> Any:
        if failures:
            raise failures.pop()
        return await accept(listening)

    monkeypatch.setattr(loop, "sock_accept", scarce)
    with capture_logs() as events:
        door = await open_door()
        assert await door.request("GET", "/livez") == (200, {"status": "alive"})
    assert [event["reason"] for event in events if event["event"] == "port.not_accepted"] == [
        "Too many open files"
    ]


async def test_what_breaks_here_is_told_once_a_minute_and_answered(open_door: Open) -> None:
    def ready() -> str | None:
        raise KeyError("a fault of ours")

    with capture_logs() as events:
        door = await open_door(ready=ready)
        assert [(await door.request("GET", "/readyz"))[0] for _ in range(3)] == [500] * 3
    assert [event["route"] for event in events if event["event"] == "request.failed"] == ["/readyz"]


async def invited(readers: Sequence[asyncio.StreamReader]) -> int:
    """How many of these connections are asked for their bodies within half a second."""
    asked = [asyncio.create_task(reader.readline(), name="invitation") for reader in readers]
    done, waiting = await asyncio.wait(asked, timeout=0.5)
    assert {task.result() for task in done} <= {b"HTTP/1.1 100 Continue\r\n"}
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return len(done)


async def test_only_some_bodies_are_read_at_a_time(door: Door) -> None:
    async with AsyncExitStack() as stack:
        readers = []
        for number in range(2, 8):
            body = INVITED.format(await door.path_of_another(number), 1000).encode()
            readers += await hold(stack, door, 1, body)
        assert await invited(readers) == 4


async def test_slow_bodies_of_one_job_leave_places_for_others(door: Door) -> None:
    async with AsyncExitStack() as stack:
        own = await hold(stack, door, 6, INVITED.format(door.path(), 1000).encode())
        assert await invited(own) == 2
        others = INVITED.format(await door.path_of_another(2), 1000).encode()
        assert await invited(await hold(stack, door, 1, others)) == 1


async def test_who_is_gone_when_the_answer_comes_is_no_error_of_ours(open_door: Open) -> None:
    # The answer comes when the place is given back, and the connection is closed by then.
    with capture_logs() as events:
        door = await open_door(patience_seconds=0.3)
        async with AsyncExitStack() as stack:
            await hold(stack, door, 2, INVITED.format(door.path(), 1000).encode())
            _, writer = await connect(door)
            writer.write(INVITED.format(door.path(), 1000).encode() + b"{")
            await writer.drain()
            door.receiver.connections.close()
            await asyncio.sleep(0.5)
            await close(writer)
    assert [event for event in events if event["log_level"] == "error"] == []


async def test_of_a_body_that_waits_for_its_turn_little_is_read_ahead(open_door: Open) -> None:
    door = await open_door(limits=Limits(8, life_seconds=600.0), patience_seconds=600.0)
    async with AsyncExitStack() as stack:
        for reader in await hold(stack, door, 2, INVITED.format(door.path(), 1000).encode()):
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        _, writer = await connect(door)
        head = f"POST {door.path()} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode() + b"40000000\r\n")
        taken_mb = 0
        # The system's own buffers hold tens of MB; what is silent for so long is not read.
        with suppress(TimeoutError):
            while taken_mb < 300:
                writer.write(bytes(1 << 20))
                async with asyncio.timeout(0.5):
                    await writer.drain()
                taken_mb += 1
        writer.transport.abort()
        assert 0 < taken_mb < 100


def test_without_a_limit_of_descriptors_there_is_one_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert connections_here() == MOST_CONNECTIONS


def test_most_descriptors_are_not_for_the_port() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        bounds = []
        for limit in (1024, 256, 4096):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, hard), hard))
            bounds.append(connections_here())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert bounds == [256, 64, MOST_CONNECTIONS]
    assert min(bounds) >= FEWEST_CONNECTIONS
