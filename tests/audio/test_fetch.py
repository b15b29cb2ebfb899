"""Addresses that users give, fetched from servers that misbehave."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.fetch import Download, Fetcher, _name
from bot.audio.names import LONGEST_NAME
from bot.errors import (
    AddressFailedError,
    AddressRefusedError,
    EmptyFileError,
    FileTooLargeError,
    InputError,
    NotAudioError,
    WebPageGivenError,
)

SONG = b"fLaC\x00\x00\x00\x22" + bytes(range(256)) * 400
"""100 kB that begin like flac."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


def answering(body: bytes = SONG, *, status: int = 200, **headers: str) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(
            body=body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return handle


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server on loopback that answers everything with one handler; gives its address."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def near() -> Fetcher:
    """A fetcher that may reach loopback at any port."""
    return Fetcher(allows=lambda host: host in {"127.0.0.1", "::1"}, ports=None)


async def whole(address: str, *, max_bytes: int = 1_000_000) -> tuple[Download, bytes]:
    async with near().fetch(address, max_bytes=max_bytes) as download:
        return download, b"".join([chunk async for chunk in download.chunks])


async def test_a_song_comes_whole_with_its_name_and_kind(serve: Serve) -> None:
    download, content = await whole(await serve(answering()) + "/music/my%20song.flac?token=1")
    assert content == SONG
    assert (download.name, download.content_type, download.size) == ("my song.flac", "audio/flac", len(SONG))


async def test_a_link_in_angle_brackets_is_a_link(serve: Serve) -> None:
    assert (await whole(f" <{await serve(answering())}/a.flac> "))[1] == SONG


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="Lied.flac"', "Lied.flac"),
        ("attachment; filename*=UTF-8''S%C3%A4nger.flac", "Sänger.flac"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="a`b.flac"', "a b.flac"),
        ("attachment; filename", "path.flac"),
        ("inline", "path.flac"),
        (";;;=", "path.flac"),
        ("attachment; filename*=nonsense''%ff", "ÿ"),
    ],
)
async def test_the_servers_name_for_the_file_is_taken_and_cleaned(
    serve: Serve, header: str, name: str
) -> None:
    download, _ = await whole(await serve(answering(Content_Disposition=header)) + "/path.flac")
    assert download.name == name


async def test_a_song_is_known_by_content_not_by_what_the_server_says(serve: Serve) -> None:
    download, _ = await whole(await serve(answering(Content_Type="text/html")) + "/a")
    assert download.content_type == "audio/flac"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"<!doctype html><html>", "application/octet-stream", WebPageGivenError),
        (b"Sorry, robots", "text/html", WebPageGivenError),
        (b"just text", "text/plain", NotAudioError),
        (b"", "audio/mpeg", EmptyFileError),
    ],
)
async def test_what_is_no_audio_is_refused(
    serve: Serve, body: bytes, kind: str, error: type[InputError]
) -> None:
    with pytest.raises(error):
        await whole(await serve(answering(body, Content_Type=kind)) + "/a.mp3")


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 (Not Found)"), (403, "403"), (500, "500"), (299, "299")]
)
async def test_a_server_that_says_no_is_quoted(serve: Serve, status: int, words: str) -> None:
    with pytest.raises(AddressFailedError) as caught:
        await whole(await serve(answering(status=status)) + "/a.flac")
    assert words in caught.value.sentence


async def test_a_file_that_says_it_is_too_large_is_not_read(serve: Serve) -> None:
    with pytest.raises(FileTooLargeError) as caught:
        await whole(await serve(answering()) + "/a.flac", max_bytes=50_000)
    assert "a.flac" in caught.value.sentence


async def test_a_file_that_hides_its_size_is_cut_off(serve: Serve) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(SONG)

    with pytest.raises(FileTooLargeError):
        await whole(await serve(endless) + "/a.flac")


async def test_a_packed_answer_counts_unpacked(serve: Serve) -> None:
    packed = answering(gzip.compress(b"fLaC\x00" + bytes(5_000_000)), Content_Encoding="gzip")
    with pytest.raises(FileTooLargeError):
        await whole(await serve(packed) + "/a.flac")


async def test_a_connection_that_breaks_off_is_told(serve: Serve) -> None:
    async def breaking(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000000"})
        await response.prepare(request)
        await response.write(SONG)
        assert request.transport is not None
        request.transport.abort()
        return response

    with pytest.raises(AddressFailedError) as caught:
        await whole(await serve(breaking) + "/a.flac")
    assert "broke off" in caught.value.sentence


async def test_nobody_there_is_told(unused_tcp_port: int) -> None:
    with pytest.raises(AddressFailedError):
        await whole(f"http://127.0.0.1:{unused_tcp_port}/a.flac")


async def test_a_server_that_speaks_no_tls_is_told(serve: Serve) -> None:
    address = (await serve(answering())).replace("http://", "https://")
    with pytest.raises(AddressFailedError):
        await whole(address + "/a.flac")


async def test_three_redirects_are_followed_and_no_more(serve: Serve) -> None:
    async def hop(request: web.Request) -> web.StreamResponse:
        left = int(request.match_info["path"])
        return (
            await answering()(request)
            if left == 0
            else web.Response(status=302, headers={"Location": f"/{left - 1}"})
        )

    address = await serve(hop)
    assert (await whole(f"{address}/3"))[1] == SONG
    with pytest.raises(AddressFailedError):
        await whole(f"{address}/4")


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("file:///etc/passwd", AddressRefusedError),
        ("ftp://example.com/a.mp3", AddressRefusedError),
        ("http://user:pass@127.0.0.1/", AddressRefusedError),
        ("http://127.0.0.2:80/", AddressRefusedError),
        ("https://www.youtube.com/watch?v=1", WebPageGivenError),
        ("http://[::", AddressFailedError),
    ],
)
async def test_a_redirect_gets_no_further_than_an_address(
    serve: Serve, location: str, error: type[InputError]
) -> None:
    with pytest.raises(error):
        await whole(await serve(answering(b"", status=302, Location=location)) + "/a.flac")


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/a.mp3",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:audio/mpeg;base64,AAAA",
        "example.com/a.mp3",
        "song.mp3",
        "",
        "http://",
        "http://:80/",
        "http://[::1",
        "https://user:secret@example.com/a.mp3",
        "https://example.com:22/a.mp3",
        "https://example.com:0/a.mp3",
        "https://example.com:99999/a.mp3",
        "https://example.com/" + "a" * 3000,
    ],
)
async def test_an_address_that_is_no_public_web_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        async with Fetcher().fetch(address, max_bytes=1000):
            pass
    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_no_spelling_of_this_machine_is_reached(serve: Serve, host: str) -> None:
    reached = []

    async def note(request: web.Request) -> web.StreamResponse:
        reached.append(request.path)
        return await answering()(request)

    port = (await serve(note)).rpartition(":")[2]
    with pytest.raises((AddressRefusedError, AddressFailedError)):
        async with Fetcher(ports=None).fetch(f"http://{host}:{port}/a.flac", max_bytes=1_000_000):
            pass
    assert reached == []


async def test_loopback_is_refused_as_private_and_not_as_broken() -> None:
    with pytest.raises(AddressRefusedError) as caught:
        async with Fetcher().fetch("http://127.0.0.1/a.mp3", max_bytes=1000):
            pass
    assert "private" in caught.value.sentence


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ",
        "https://open.spotify.com/track/1",
        "https://soundcloud.com/someone/song",
        "https://music.apple.com/de/album/1",
        "https://discord.com/channels/1/2/3",
        "https://ptb.discord.com/channels/@me/2/3",
    ],
)
async def test_pages_of_players_and_messages_are_told_without_asking_them(address: str) -> None:
    with pytest.raises(WebPageGivenError):
        async with Fetcher().fetch(address, max_bytes=1000):
            pass


async def test_leaving_early_ends_the_download(serve: Serve) -> None:
    gone = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(SONG)
                await asyncio.sleep(0)
        finally:
            gone.set()

    async with near().fetch(await serve(slow) + "/a.flac", max_bytes=1 << 40) as download:
        assert (await anext(download.chunks)).startswith(b"fLaC")
    async with asyncio.timeout(10):
        await gone.wait()


async def test_what_the_reader_raises_stays_as_it_is(serve: Serve) -> None:
    with pytest.raises(ConnectionError, match="ours"):
        async with near().fetch(await serve(answering()) + "/a.flac", max_bytes=1_000_000):
            raise ConnectionError("ours")


@given(st.text(), st.sampled_from(["", "http://", "https://", "https://127.0.0.1/", "http://a:"]))
def test_any_text_is_an_address_or_a_typed_error(text: str, start: str) -> None:
    try:
        url = near()._read_address(start + text)
    except InputError:
        return
    assert url.scheme in {"http", "https"}
    assert url.host


@given(st.text() | st.text().map(lambda text: f"attachment; filename{text}"), st.text())
def test_any_header_and_path_give_a_name(disposition: str, path: str) -> None:
    assert 0 < len(_name(disposition, path)) <= LONGEST_NAME
