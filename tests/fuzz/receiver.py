"""Whatever is sent to the port: no answer says that something broke here, no trace is in the log, and it goes on."""

import asyncio
import gzip
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.web.connections import Limits
from bot.web.receiver import Receiver
from tests.fuzz.damage import damaged
from tests.fuzz.part import Part
from tests.web.conftest import NEW_SHAPE, TASK_ID, Door, opened
from tests.web.test_callbacks import KEY, signed
from tests.web.wire import request, sent

BODY = json.dumps(NEW_SHAPE).encode()
QUICK = Limits(8, head_seconds=0.03, life_seconds=0.3)

STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)


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


_FINE = {"debug", "info", "warning"}


class _Port:
    """One receiver for all cases."""

    def __init__(self, runner: asyncio.Runner, door: Door, key: str | None) -> None:
        self._runner = runner
        self._door = door
        self._lost: list[str] = []
        # Of tasks that nobody waits for: told when they are collected, and so perhaps in a later case.
        runner.get_loop().set_exception_handler(lambda _loop, told: self._lost.append(str(told)))
        signature = {name.replace("-", "_"): value for name, value in signed().items()} if key else {}
        self._whole = request("POST", door.path(), BODY, **signature)

    def part(self) -> Part:
        """Odd requests, damaged callbacks, and bytes that are no request."""
        cases = st.one_of(
            requests(self._door.path),
            damaged([self._whole], [b"\r\n", b"\0", b": "]),
            st.binary(max_size=300),
        )
        return Part(cases, self._check)

    def _check(self, data: bytes) -> str:
        with capture_logs() as events, _libraries_heard() as records:
            statuses = self._statuses(data)
        assert [status for status in statuses if status >= 500] == []
        bad = [event for event in events if event["log_level"] not in _FINE or "exc_info" in event]
        assert not bad, bad
        assert not records, records
        assert not self._lost, self._lost
        return " ".join(map(str, statuses)) or "no answer"

    def _statuses(self, data: bytes) -> list[int]:
        return [int(found) for found in STATUS.findall(self._runner.run(sent(self._door, data)))]

    def is_alive(self) -> bool:
        """Whether it still answers."""
        return self._statuses(request("GET", "/livez")) == [200]


class _Heard(logging.Handler):
    """Keeps what libraries log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self.records.append(record.getMessage())


@contextmanager
def _libraries_heard() -> Iterator[list[str]]:
    heard, root = _Heard(), logging.getLogger()
    level = root.level
    root.addHandler(heard)
    root.setLevel(logging.INFO)
    try:
        yield heard.records
    finally:
        root.removeHandler(heard)
        root.setLevel(level)


@contextmanager
def _receiver(key: str | None) -> Iterator[Part]:
    with tempfile.TemporaryDirectory() as directory, asyncio.Runner() as runner:
        receiver = Receiver(hmac_key=key, ready=lambda: None, limits=QUICK)
        opening = opened(Path(directory), receiver, TASK_ID)
        door = runner.run(opening.__aenter__())
        try:
            port = _Port(runner, door, key)
            yield port.part()
            assert port.is_alive()
        finally:
            runner.run(opening.__aexit__(None, None, None))


def unsigned() -> AbstractContextManager[Part]:
    """A receiver whose callbacks' addresses are their only guard."""
    return _receiver(None)


def signed_() -> AbstractContextManager[Part]:
    """A receiver that asks for signatures."""
    return _receiver(KEY)
