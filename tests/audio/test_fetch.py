"""Addresses that users give, fetched from servers that misbehave."""

import asyncio

import pytest
from aiohttp import web

from bot.audio.errors import (
    AddressFailedError,
    AddressRefusedError,
    EmptyFileError,
    FileTooLargeError,
    NotAudioError,
    WebPageGivenError,
)
from bot.audio.fetch import Fetcher
from bot.errors import InputError
from tests.answering import Serve
from tests.audio.conftest import SONG, answering, near, whole


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
        ("attachment; filename*=idna''xn--%ff", "xn--ÿ"),
        ("attachment; filename*=punycode''%ff", "ÿ"),
        ("attachment; filename*=unicode_escape''%5Cx", "x"),
        ("attachment; filename*=shift_jis''a.flac", "a.flac"),
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
        ("http://127.0.0.2:80/", AddressFailedError),
        ("https://www.youtube.com/watch?v=1", WebPageGivenError),
        ("http://[::", AddressFailedError),
    ],
)
async def test_a_redirect_gets_no_further_than_an_address(
    serve: Serve, location: str, error: type[InputError]
) -> None:
    with pytest.raises(error):
        await whole(await serve(answering(b"", status=302, Location=location)) + "/a.flac")


@pytest.mark.parametrize("headers", [{}, {"Location": ""}, {"Location": "  "}])
async def test_a_redirect_to_nowhere_is_not_told_as_many(serve: Serve, headers: dict[str, str]) -> None:
    with pytest.raises(AddressFailedError) as caught:
        await whole(await serve(answering(b"", status=302, **headers)) + "/a.flac")
    assert "redirects to something that is not an address" in caught.value.sentence


@pytest.mark.parametrize("port", [22, 1, 5432, 8444])
async def test_no_port_but_those_of_web_servers_is_tried(port: int) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        async with Fetcher().fetch(f"https://example.com:{port}/a.mp3", max_bytes=1000):
            pass
    assert str(port) in caught.value.sentence


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


@pytest.mark.parametrize("host", ["127.1", "2130706433", "8.8", "b" * 300 + ".com"])
async def test_a_host_that_none_is_written_like_is_not_tried_again(host: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        async with Fetcher().fetch(f"http://{host}/a.mp3", max_bytes=1000):
            pass
    assert "not a web address" in caught.value.sentence


async def test_what_is_inside_sounds_like_what_is_nowhere() -> None:
    told = []
    for host in (
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "nowhere.invalid",
    ):
        with pytest.raises(InputError) as caught:
            async with Fetcher().fetch(f"http://{host}/a.mp3", max_bytes=1000):
                pass
        told.append((caught.value.code, caught.value.sentence, caught.value.again))
    assert len(set(told)) == 1


async def test_a_redirect_inside_sounds_the_same(serve: Serve) -> None:
    with pytest.raises(AddressFailedError) as caught:
        await whole(await serve(answering(b"", status=302, Location="http://127.0.0.2/")) + "/a.flac")
    assert "no such host" in caught.value.sentence


async def test_a_limit_is_told_as_it_was_set(serve: Serve) -> None:
    with pytest.raises(FileTooLargeError) as caught:
        await whole(await serve(answering(bytes(2 << 20))) + "/a.flac", max_bytes=1 << 20)
    assert "up to 1 MB" in caught.value.sentence


@pytest.mark.parametrize("status", ["102 Processing", "103 Early Hints", "100 Continue", "199 Whatever"])
async def test_endless_interim_answers_end(status: str) -> None:
    async def interim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        writer.close()

    async with await asyncio.start_server(interim, "127.0.0.1", 0) as server, asyncio.timeout(10):
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AddressFailedError):
            await whole(f"http://127.0.0.1:{port}/a.flac")


async def test_a_few_interim_answers_are_nothing_special() -> None:
    async def hints(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(SONG)}\r\n\r\n"
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3 + head.encode() + SONG)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hints, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert (await whole(f"http://127.0.0.1:{port}/a.flac"))[1] == SONG


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
