"""Bodies: inflated after the secrets are right, within bounds, and whatever is said of them believed only as far as it goes."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest

from tests.web.conftest import NEW_SHAPE, Door, Open
from tests.web.test_callbacks import KEY, signed
from tests.web.test_connections import INVITED
from tests.web.wire import PATIENCE_SECONDS, close, connect, sent, status, the_rest

BODY = json.dumps(NEW_SHAPE).encode()
_RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", _RAW.compress(BODY) + _RAW.flush()),
        ("identity", BODY),
        ("gzip", BODY),
        ("deflate", BODY),
        ("br", BODY),
        ("zstd", BODY),
        ("gzip, gzip", BODY),
        ("anything", BODY),
        ("", BODY),
    ],
)
async def test_a_callback_is_kept_however_its_body_is_said_to_come(
    door: Door, encoding: str, body: bytes
) -> None:
    assert await door.post(body, headers={"Content-Encoding": encoding}, compress=False) == 200
    assert await door.kept() == [BODY]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b""),
        ("gzip", b"\x1f\x8b"),
        ("gzip", gzip.compress(BODY)[:-40]),
        ("gzip", b"\x1f\x8b\x08" + bytes(100)),
        ("deflate", b"\xff" * 100),
        ("br", gzip.compress(BODY)),
        ("zstd", b"\x28\xb5\x2f\xfd"),
    ],
)
async def test_what_cannot_be_inflated_is_no_callback(door: Door, encoding: str, body: bytes) -> None:
    assert await door.post(body, headers={"Content-Encoding": encoding}, compress=False) == 400
    assert await door.kept() == []


@pytest.mark.parametrize(("size", "answer"), [(32 << 20, 100), ((32 << 20) + 1, 413)])
async def test_a_body_that_is_said_to_be_too_large_is_refused_before_it_is_sent(
    door: Door, size: int, answer: int
) -> None:
    reader, writer = await connect(door)
    writer.write(INVITED.format(door.path(), size).encode())
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert status(await reader.readline()) == answer
    await close(writer)


@pytest.mark.parametrize(("seconds", "answer"), [(11, 200), (13, 408)])
async def test_a_body_is_waited_for_until_kie_is_about_to_give_up(
    door: Door, monkeypatch: pytest.MonkeyPatch, seconds: float, answer: int
) -> None:
    reader, writer = await connect(door)
    writer.write(INVITED.format(door.path(), len(BODY)).encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + seconds)
    # The loop notices that it is later.
    await asyncio.sleep(0.01)
    writer.write(BODY)
    assert status(await the_rest(reader)) == answer
    await close(writer)


async def test_a_bomb_is_inflated_no_further_than_the_limit(open_door: Open) -> None:
    door = await open_door(largest_body=100_000)
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    assert await door.post(bomb, headers={"Content-Encoding": "gzip"}, compress=False) == 413
    assert await door.kept() == []


async def test_nothing_is_inflated_before_path_and_signature_are_right(
    open_door: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = await open_door(hmac_key=KEY)
    begun: list[int] = []
    inflater = zlib.decompressobj

    def noted(wbits: int) -> Any:
        begun.append(wbits)
        return inflater(wbits)

    # aiohttp asks the same function.
    monkeypatch.setattr(zlib, "decompressobj", noted)
    body, said = gzip.compress(BODY), {"Content-Encoding": "gzip"}
    assert await door.post(body, path=door.path(secret="x" * 43), headers=said, compress=False) == 404
    assert await door.post(body, path="/", headers=said, compress=False) == 404
    assert await door.post(body, headers=said, compress=False) == 401
    assert begun == []
    assert await door.post(body, headers=said | signed(), compress=False) == 200
    assert len(begun) == 1


async def test_a_forged_callback_is_refused_before_its_body_is_there(open_door: Open) -> None:
    door = await open_door(hmac_key=KEY)
    reader, writer = await connect(door)
    writer.write(f"POST {door.path()} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode())
    assert status(await the_rest(reader)) == 401
    await close(writer)


async def test_a_signed_callback_whose_task_is_not_known_yet_is_kept(open_door: Open) -> None:
    door = await open_door(hmac_key=KEY, task_id=None)
    assert await door.post(headers=signed(key="another")) == 401
    assert await door.post(headers=signed()) == 200
    assert len(await door.kept()) == 1


async def test_a_body_that_breaks_off_is_no_error_of_ours(door: Door) -> None:
    head = f"POST {door.path()} HTTP/1.1\r\nHost: x\r\n"
    broken = head + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n"
    assert status(await sent(door, broken.encode())) == 400
    _, writer = await connect(door)
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    await close(writer)
    assert await door.post() == 200
