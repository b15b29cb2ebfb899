"""Callbacks over real sockets: which are kept, which are refused, and that none is lost or told to the log."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.kie.payloads import read_callback, read_called_back_notes
from tests.web.conftest import INSTRUMENTS, NEW_SHAPE, OLD_FAILURE, OLD_SHAPE, TASK_ID, Door, Open
from tests.web.wire import request, sent, status

KEY = "webhook-key"


def signed(task_id: str = TASK_ID, *, key: str = KEY, age_seconds: int = 0) -> dict[str, str]:
    """The two headers as the service's own example makes them."""
    stamp = str(int(time.time()) - age_seconds)
    digest = hmac.new(key.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}


@pytest.mark.parametrize("body", [NEW_SHAPE, OLD_SHAPE], ids=["new shape", "old shape"])
async def test_a_callback_is_kept_before_it_is_answered(door: Door, body: dict[str, Any]) -> None:
    assert await door.post(body) == 200
    (kept,) = await door.kept()
    assert kept == json.dumps(body).encode()
    callback = read_callback(kept)
    assert callback.succeeded
    assert callback.task_id == TASK_ID
    assert json.loads(read_called_back_notes(kept) or b"")["instruments"] == INSTRUMENTS


@pytest.mark.parametrize(
    "body",
    [OLD_FAILURE, {"code": 500, "msg": "MIDI generation failed", "data": {"taskId": TASK_ID}}],
    ids=["old shape, data null", "new shape"],
)
async def test_a_failure_is_kept_as_one(door: Door, body: dict[str, Any]) -> None:
    assert await door.post(body) == 200
    (kept,) = await door.kept()
    callback = read_callback(kept)
    assert not callback.succeeded
    assert (callback.code, callback.message, callback.has_notes) == (500, "MIDI generation failed", False)


async def test_a_repeated_callback_changes_nothing(door: Door) -> None:
    assert [await door.post() for _ in range(3)] == [200, 200, 200]
    assert len(await door.kept()) == 1
    assert await door.store.get(door.job.id) == door.job


async def test_copies_at_the_same_moment_are_one(door: Door) -> None:
    assert await asyncio.gather(*(door.post() for _ in range(8))) == [200] * 8
    assert len(await door.kept()) == 1


async def test_a_callback_of_another_task_or_part_is_not_kept(door: Door) -> None:
    assert await door.post(NEW_SHAPE | {"data": {"taskId": "f" * 32}}) == 200
    assert await door.post(path=door.path(part=7)) == 200
    assert await door.kept() == []
    assert await door.kept(part=7) == []


@pytest.mark.parametrize("written", ["{}/", "{}?a=b", "{}/?", "http://example.com{}"])
async def test_an_address_may_be_written_otherwise(door: Door, written: str) -> None:
    for path in (door.path(), door.path().replace("callbacks", "%63all%62acks")):
        assert (
            status(await sent(door, request("POST", written.format(path), json.dumps(OLD_SHAPE).encode())))
            == 200
        )
    assert len(await door.kept()) == 1


async def test_a_wrong_secret_and_an_unknown_job_look_the_same(door: Door) -> None:
    wrong = await door.request("POST", door.path(secret="x" * 43), data=b"{}")
    unknown = await door.request("POST", f"/callbacks/{'0' * 20}/0/midi/{'x' * 43}", data=b"{}")
    assert wrong == unknown
    assert wrong[0] == 404
    assert await door.kept() == []


@pytest.mark.parametrize("piece", ["%00", "%FF", "%ED%A0%80", "..", "%2F", "'--", "é", "a" * 4000])
async def test_no_odd_address_breaks_the_receiver(door: Door, piece: str) -> None:
    for path in (door.path(secret=piece), f"/callbacks/{piece}/0/midi/x", door.path(part=piece)):
        assert await door.post(path=path) == 404


async def test_only_the_right_signature_opens_where_there_is_a_key(open_door: Open) -> None:
    door = await open_door(hmac_key=KEY)
    refused = [
        {},
        signed(key="another key"),
        signed("f" * 32),
        signed(age_seconds=3600),
        signed(age_seconds=-3600),
        signed() | {"X-Webhook-Timestamp": "now"},
        signed() | {"X-Webhook-Signature": "ÿ"},
    ]
    assert [await door.post(headers=headers) for headers in refused] == [401] * len(refused)
    assert await door.kept() == []
    assert await door.post(headers=signed()) == 200
    assert len(await door.kept()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"null",
        b'{"code": 200',
        b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"data":' * 100_000 + b"{}" + b"}" * 100_000,
        b'{"notes":[{"pitch":60,"start":"0.3}],"data":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"taskId": "a", "data": {"taskId": "b"}}',
        json.dumps({"taskId": "a" * 5000}).encode(),
    ],
    ids=[
        "nothing",
        "text",
        "bytes",
        "list",
        "string",
        "null",
        "cut",
        "deep",
        "deep too",
        "deep behind a string without an end",
        "two ids",
        "long id",
    ],
)
async def test_what_is_no_callback_is_said_to_be_none(door: Door, body: bytes) -> None:
    status, answer = await door.request("POST", door.path(), data=body)
    assert status == 400
    assert answer["status"]
    assert await door.kept() == []


async def test_a_long_song_is_read_too(door: Door) -> None:
    notes = INSTRUMENTS[0]["notes"] * 20_000  # type: ignore[operator] # the dict's values are of two types
    body = NEW_SHAPE | {"data": {"taskId": TASK_ID, "instruments": [{"name": "Piano", "notes": notes}]}}
    assert await door.post(body) == 200
    assert len(await door.kept()) == 1


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_body_over_the_limit_is_refused(open_door: Open) -> None:
    door = await open_door(largest_body=10_000)
    whole = b'{"msg": "' + b"x" * 10_000 + b'"}'
    assert (await door.request("POST", door.path(), data=whole))[0] == 413
    chunked = _pieces(b'{"msg": "', *[b"x" * 1000] * 10, b'"}')
    assert (await door.request("POST", door.path(), data=chunked))[0] == 413
    assert await door.kept() == []
    assert await door.post() == 200


async def test_a_body_that_never_ends_is_waited_for_only_so_long(open_door: Open) -> None:
    door = await open_door(patience_seconds=0.05)
    host, _, port = door.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {door.path()} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + b"{")
    assert b" 408 " in await reader.readline()
    writer.write(b" " * 99)
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert await door.kept() == []


async def test_a_callback_that_cannot_be_kept_is_asked_for_again(door: Door) -> None:
    await door.change_database("ALTER TABLE inbox RENAME TO elsewhere")
    assert await door.post() == 503
    await door.change_database("ALTER TABLE elsewhere RENAME TO inbox")
    assert await door.kept() == []
    assert await door.post() == 200
    assert len(await door.kept()) == 1


async def test_a_database_that_is_away_is_a_line_in_the_log(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    async def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, full)

    monkeypatch.setattr(door.receiver.desk, "job_of_callback", away)
    with capture_logs() as events:
        assert [await door.post() for _ in range(3)] == [503] * 3
    (told,) = [event for event in events if event["event"] == "callback.not_kept"]
    assert told["reason"].startswith("DATA_DIR: the disk is full")
    assert "exc_info" not in told


async def test_a_callback_during_the_start_is_asked_for_again(door: Door) -> None:
    desk, door.receiver.desk = door.receiver.desk, None
    assert await door.post() == 503
    door.receiver.desk = desk
    assert await door.post() == 200


async def test_the_log_never_holds_the_secret(
    open_door: Open, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        door = await open_door(hmac_key=KEY)
        for body, headers in ((NEW_SHAPE, signed()), (NEW_SHAPE, {}), (b"{", signed())):
            await door.post(body, headers=headers)
        await door.request("GET", door.path())
        await door.change_database("DROP TABLE inbox")
        await door.post(OLD_SHAPE, headers=signed())
    told = [event["event"] for event in events]
    assert {"callback.kept", "callback.forged", "callback.not_kept"} <= set(told)
    everything = repr(events) + caplog.text + "".join(capfd.readouterr())
    assert door.job.id in everything
    assert door.job.callback_secret not in everything
    assert signed()["X-Webhook-Signature"] not in everything
