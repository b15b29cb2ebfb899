"""Requests to the studio that are none, or break off: refused in kie's words or by the parser, without a trace."""

import asyncio
import gzip
import logging

import pytest
from structlog.testing import capture_logs

from bot.studio.service import StudioService
from tests.studio.conftest import API_KEY

FORM = (
    b'--a\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\nx\r\n'
    b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n%b\r\n\r\n%b\r\n--a--\r\n'
)
JSON = {"Content-Type": "application/json"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=a"}


def post(path: str, body: bytes, **more: str) -> bytes:
    given = {
        "Host": "x",
        "Authorization": f"Bearer {API_KEY}",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (given | more).items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


UPLOAD, MIDI = "/api/file-stream-upload", "/api/v1/midi/generate"
ODD = {
    "no request": b"NOT HTTP\r\n\r\n",
    "connection to nowhere": b"CONNECT  \r\nHost: x\r\nConnection: close\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00",
    "odd host": post(UPLOAD, FORM % (b"X: y", b"RIFF"), Host="[::1", **MULTIPART),
    "compressed file": post(UPLOAD, FORM % (b"Content-Encoding: gzip", b"none"), **MULTIPART),
    "file that is no base64": post(
        UPLOAD, FORM % (b"Content-Transfer-Encoding: base64", b"!!!"), **MULTIPART
    ),
    "unknown transfer": post(UPLOAD, FORM % (b"Content-Transfer-Encoding: x", b"!!!"), **MULTIPART),
    "no boundary": post(UPLOAD, b"{}", Content_Type="multipart/form-data"),
    "no form": post(UPLOAD, b"{}", **MULTIPART),
    "cut form": post(UPLOAD, (FORM % (b"X: y", b"RIFF"))[:-12], **MULTIPART),
    "bad chunk": post(MIDI, b"", Transfer_Encoding="chunked").replace(b"Content-Length: 0\r\n", b"")
    + b"ZZ\r\n",
    "compressed": post(MIDI, gzip.compress(b"{}"), Content_Encoding="gzip", **JSON),
    "said to be compressed": post(MIDI, b"{}", Content_Encoding="br", **JSON),
    "deep": post(MIDI, b"[" * 60_000, **JSON),
    "no text": post(MIDI, b'{"taskId": "\xff"}', **JSON),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
async def test_odd_requests_leave_no_trace(
    studio: StudioService, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with capture_logs() as events:
        answer = await _answer(studio, data)
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 400", b"HTTP/1.1 4", b"HTTP/0.9 200"))
    assert b'"code":500' not in answer
    assert [event for event in events if event["log_level"] != "info"] == []
    assert caplog.records == []


async def test_a_sender_that_goes_away_leaves_no_trace(
    studio: StudioService, caplog: pytest.LogCaptureFixture
) -> None:
    host, _, port = studio.url.removeprefix("http://").partition(":")
    with capture_logs() as events:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(post(UPLOAD, FORM % (b"X: y", b"RIFF"), **MULTIPART)[:-60])
        await writer.drain()
        writer.transport.abort()
        assert (await _answer(studio, post(MIDI, b"{}", **JSON))).startswith(b"HTTP/1.1 200")
    assert [event for event in events if event["log_level"] != "info"] == []
    assert caplog.records == []


async def _answer(studio: StudioService, data: bytes) -> bytes:
    host, _, port = studio.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_nothing_is_inflated(studio: StudioService) -> None:
    answer = await _answer(studio, post(MIDI, gzip.compress(b"{}"), Content_Encoding="gzip", **JSON))
    assert b'"code":400' in answer
