"""Whatever is sent to the port: no answer says that something broke here, no trace is in the log, and it goes on."""

import asyncio
import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.web.connections import Limits
from bot.web.receiver import Receiver
from tests.web.conftest import NEW_SHAPE, TASK_ID, Door, opened
from tests.web.test_callbacks import KEY, signed
from tests.web.wire import request, sent

BODY = json.dumps(NEW_SHAPE).encode()
QUICK = Limits(8, head_seconds=0.03, life_seconds=0.3)

STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)


class Port:
    """One receiver for all examples."""

    def __init__(self, runner: asyncio.Runner, door: Door) -> None:
        self.runner = runner
        self.door = door

    def sent(self, data: bytes) -> list[int]:
        """The statuses of all answers."""
        return [int(found) for found in STATUS.findall(self.runner.run(sent(self.door, data)))]


@pytest.fixture(params=[None, KEY], ids=["unsigned", "signed"])
def port(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Port]:
    with asyncio.Runner() as runner:
        receiver = Receiver(hmac_key=request.param, ready=lambda: None, patience_seconds=0.1, limits=QUICK)
        opening = opened(tmp_path, receiver, TASK_ID)
        door = runner.run(opening.__aenter__())
        yield Port(runner, door)
        runner.run(opening.__aexit__(None, None, None))


NAMES = [
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Encoding",
    "Content-Type",
    "Expect",
    "Upgrade",
    "Connection",
    "Accept",
    "Range",
    "TE",
    "Trailer",
    "Cookie",
    "Forwarded",
    "If-None-Match",
    "X-Forwarded-For",
    "Sec-WebSocket-Key",
    "X-Webhook-Timestamp",
    "X-Webhook-Signature",
]
VALUES = [
    "0",
    "1",
    "-1",
    "+5",
    "5,5",
    "0x10",
    "chunked",
    "gzip,chunked",
    "chunked,gzip",
    "gzip",
    "deflate",
    "br",
    "zstd",
    "identity",
    "close",
    "keep-alive",
    "upgrade",
    "websocket",
    "h2c",
    "100-continue",
    "nothing",
    "HTTP2-Settings",
    "application/json;charset=utf-99",
    "text/html",
    "multipart/form-data",
    "ÿ",
    "example.com:99999999",
    "[::1",
    "bytes=0-",
]
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([*NAMES, "X" * 5000, ""]),
        st.sampled_from([*VALUES, *signed().values(), "9" * 30, "a" * 5000, ""])
        | st.text(st.characters(max_codepoint=255), max_size=20),
    ),
    max_size=8,
)
METHODS = st.sampled_from(
    ["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT", "PRI", "get", "M-SEARCH", "", "P\0ST", "é"]
)
VERSIONS = st.sampled_from(
    ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "RTSP/1.0"]
)
PIECES = st.sampled_from(
    ["%00", "%ff", "%2F", "..", "//", "*", "?", "#", "\\", "é", "\x00", "x:y", "[", "@", "%", ";", "😀"]
)
CHUNKS = st.sampled_from(
    [
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b"-1\r\n",
        b"f" * 20 + b"\r\n",
        b"1;" + b"a" * 9000 + b"\r\nx\r\n",
        b"\n",
        b"0\r\nX: y\r\n",
    ]
)
BODIES = st.one_of(
    st.just(BODY),
    st.just(gzip.compress(BODY)),
    st.just(gzip.compress(bytes(100_000_000))),
    st.just(b"[" * 5000),
    st.just(b'{"data":"' + b"\\" * 999),
    st.just(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100)),
    st.lists(CHUNKS, max_size=4).map(b"".join),
    st.binary(max_size=100),
    st.just(request("GET", "/livez")),
)


@st.composite
def requests(draw: st.DrawFn, path: Callable[[], str]) -> bytes:
    """A request in which anything may be odd."""
    where = draw(
        st.sampled_from([path(), path() + "/", "/livez", "/readyz", "/", "*", "http://a:b/livez", "a:1", ""])
    )
    for piece in draw(st.lists(PIECES, max_size=2)):
        at = draw(st.integers(0, len(where)))
        where = where[:at] + piece + where[at:]
    lines = [
        f"{draw(METHODS)} {where} {draw(VERSIONS)}",
        *(f"{name}: {value}" for name, value in draw(HEADERS)),
    ]
    end = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r"]))
    head = end.join([*lines, "", ""])
    body: bytes = draw(BODIES)
    return head.encode() + body


@st.composite
def damaged(draw: st.DrawFn, whole: Callable[[], bytes]) -> bytes:
    """A right callback of which some bytes were changed, taken out or put in."""
    data = bytearray(whole())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"\r\n", b"\0", b": "])
        )
    return bytes(data)


def _nothing_breaks(port: Port, strategy: st.SearchStrategy[bytes], caplog: pytest.LogCaptureFixture) -> None:
    @given(strategy)
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    def check(data: bytes) -> None:
        caplog.clear()
        with capture_logs() as events:
            statuses = port.sent(data)
        assert [status for status in statuses if status >= 500] == []
        assert [event for event in events if event["log_level"] not in {"info", "warning"}] == []
        assert [event for event in events if "exc_info" in event] == []
        assert caplog.records == []

    check()
    assert port.sent(request("GET", "/livez")) == [200]


def test_requests_that_are_odd(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _nothing_breaks(port, requests(port.door.path), caplog)


def test_callbacks_that_are_damaged(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    signature = {name.replace("-", "_"): value for name, value in signed().items()}
    _nothing_breaks(port, damaged(lambda: request("POST", port.door.path(), BODY, **signature)), caplog)


def test_bytes_that_are_no_request(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _nothing_breaks(port, st.binary(max_size=300), caplog)
