"""Servers that send slowly, or packed."""

import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest
from aiohttp import web

from bot.audio import body
from bot.audio.errors import AddressFailedError, FileTooLargeError
from tests.answering import Serve
from tests.audio.conftest import SONG, answering, whole


async def test_a_packed_answer_counts_unpacked(serve: Serve) -> None:
    packed = answering(gzip.compress(b"fLaC\x00" + bytes(5_000_000)), Content_Encoding="gzip")
    with pytest.raises(FileTooLargeError):
        await whole(await serve(packed) + "/a.flac")


async def test_a_server_that_drips_is_left(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "GRACE_SECONDS", 0.2)

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(SONG))})
        await response.prepare(request)
        for at in range(0, len(SONG), 100):
            await response.write(SONG[at : at + 100])
            await asyncio.sleep(0.05)
        return response

    with pytest.raises(AddressFailedError) as caught:
        await whole(await serve(drip) + "/a.flac")
    assert "too slowly" in caught.value.sentence


async def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "GRACE_SECONDS", 0.1)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AddressFailedError) as caught:
            await whole(f"http://127.0.0.1:{port}/a.flac")
    assert "too long to answer" in caught.value.sentence


async def test_speed_is_a_mean_and_counts_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = body.Pace()
    now = asyncio.get_running_loop().time()
    assert pace.until() == pytest.approx(now + 20, abs=1)
    pace.got(5_000_000)
    assert pace.until() == pytest.approx(now + 100, abs=1)
    pace.got(1_000_000_000)
    assert pace.until() == pytest.approx(now + 600, abs=1)


@pytest.mark.parametrize("packing", [gzip.compress, zlib.compress])
async def test_a_packed_song_comes_unpacked(serve: Serve, packing: Callable[[bytes], bytes]) -> None:
    kind = "gzip" if packing is gzip.compress else "deflate"
    _, content = await whole(await serve(answering(packing(SONG), Content_Encoding=kind)) + "/a.flac")
    assert content == SONG


@pytest.mark.parametrize("packed", [gzip.compress(SONG)[:-9], b"no gzip at all"])
async def test_a_packed_song_that_is_damaged_is_told(serve: Serve, packed: bytes) -> None:
    with pytest.raises(AddressFailedError):
        await whole(await serve(answering(packed, Content_Encoding="gzip")) + "/a.flac")
