"""Reading what people give, over real sockets, with discord.py's own client and the real fetcher."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import discord
import pytest
from aiohttp import web

from bot.audio.errors import (
    AddressFailedError,
    ArchiveGivenError,
    EmptyFileError,
    FileTooLargeError,
    NotAudioError,
    PlaylistGivenError,
    WebPageGivenError,
)
from bot.audio.fetch import Fetcher
from bot.chat.asked.sources import DiscordSources
from bot.errors import (
    AttachmentGoneError,
    AttachmentUnreadableError,
    InputError,
    NoRoomError,
    PageInFileError,
)
from bot.jobs.song_part import SongPart, Source
from tests.answering import Handler, Serve, serving
from tests.stage import wav

SONG = wav((60,), 0.1)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Gives a file's address at such a server."""
    async with serving() as start:

        async def file_at(handler: Handler) -> str:
            return f"{await start(handler)}/a/song.wav?signature=hunter2"

        yield file_at


@pytest.fixture
async def sources() -> AsyncIterator[DiscordSources]:
    """Sources of a Discord that is never asked for more than its files."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client._async_setup_hook()
        # What `login` does first, without the request that follows it.
        client.http._HTTPClient__session = session = discord.http.aiohttp.ClientSession()  # type: ignore[attr-defined]  # discord.py makes it at login
        async with session:
            near = Fetcher(allows=lambda host: host == "127.0.0.1", ports=None)
            yield DiscordSources(client, near, 1)


def answering(body: bytes = SONG, status: int = 200, content_type: str = "audio/x-wav") -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type=content_type)

    return handle


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    await response.write(SONG[:1000])
    assert request.transport is not None
    request.transport.abort()
    return response


async def read(sources: DiscordSources, part: SongPart) -> tuple[str, str, bytes]:
    """Its name, its media type and all of it."""
    async with sources.read(part) as audio:
        assert audio.file.tell() == 0
        return audio.name, audio.media_type, audio.file.read()


def attached(address: str, name: str = "Night Drive.wav") -> SongPart:
    return SongPart(Source.ATTACHMENT, name, address)


def linked(address: str) -> SongPart:
    return SongPart(Source.ADDRESS, "song.wav", address)


@pytest.mark.parametrize(("part", "name"), [(attached, "Night Drive.wav"), (linked, "song.wav")])
async def test_a_song_is_read_whole_and_known_by_its_content(
    serve: Serve, sources: DiscordSources, part: Callable[[str], SongPart], name: str
) -> None:
    audio = await read(sources, part(await serve(answering(content_type="text/plain"))))
    assert audio == (name, "audio/wav", SONG)


async def test_a_song_says_how_long_it_is(serve: Serve, sources: DiscordSources) -> None:
    async with sources.read(attached(await serve(answering(content_type="text/plain")))) as audio:
        assert audio.seconds is not None
        assert audio.seconds > 0


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(status=404), AttachmentGoneError),
        (answering(status=403), AttachmentGoneError),
        (answering(status=400), AttachmentUnreadableError),
        (cut_off, AttachmentUnreadableError),
        (answering(b"\0" * (1024**2 + 1)), FileTooLargeError),
        (answering(b""), EmptyFileError),
        (answering(b"words " * 100), NotAudioError),
        (answering(b"<!doctype html><html>"), PageInFileError),
        (answering(b"PK\x03\x04\x14\x00"), ArchiveGivenError),
        (answering(b"#EXTM3U\nsong.mp3"), PlaylistGivenError),
    ],
)
async def test_an_attachment_that_cannot_be_used_is_told(
    serve: Serve, sources: DiscordSources, handler: Handler, error: type[InputError]
) -> None:
    with pytest.raises(error) as caught:
        await read(sources, attached(await serve(handler)))
    assert "hunter2" not in caught.value.sentence
    assert "hunter2" not in caught.value.detail
    assert "?" not in caught.value.sentence


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(status=404), AddressFailedError),
        (cut_off, AddressFailedError),
        (answering(b"\0" * (1024**2 + 1)), FileTooLargeError),
        (answering(b"words " * 100), NotAudioError),
        (answering(b"Sign in", content_type="text/html"), WebPageGivenError),
    ],
)
async def test_an_address_that_cannot_be_used_is_told(
    serve: Serve, sources: DiscordSources, handler: Handler, error: type[InputError]
) -> None:
    with pytest.raises(error) as caught:
        await read(sources, linked(await serve(handler)))
    assert "hunter2" not in caught.value.sentence + caught.value.detail


async def test_the_first_song_among_several_addresses_is_taken(serve: Serve, sources: DiscordSources) -> None:
    page, broken = await serve(answering(b"<html>")), await serve(answering(status=500))
    song = await serve(answering())
    audio = await read(sources, SongPart(Source.ADDRESS, "song", page, alternatives=(broken, song)))
    assert audio == ("song.wav", "audio/wav", SONG)
    with pytest.raises(WebPageGivenError):
        await read(sources, SongPart(Source.ADDRESS, "song", page, alternatives=(broken,)))


async def test_a_link_to_a_file_that_discord_has_no_more_is_told_so(
    serve: Serve, sources: DiscordSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.asked.sources._DISCORDS_FILES", {"127.0.0.1"})
    with pytest.raises(AttachmentGoneError) as caught:
        await read(sources, linked(await serve(answering(status=404))))
    assert "Discord no longer has `song.wav`" in caught.value.sentence
    with pytest.raises(AddressFailedError):
        await read(sources, linked(await serve(answering(status=503))))


async def test_addresses_are_not_waited_for_for_ever(
    serve: Serve, sources: DiscordSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.asked.sources._LONGEST_SECONDS", 0)
    with pytest.raises(AddressFailedError) as caught:
        await read(sources, linked(await serve(answering())))
    assert "it took too long to answer" in caught.value.sentence


async def test_an_attachment_of_a_server_that_is_gone_is_told(sources: DiscordSources) -> None:
    with pytest.raises(AttachmentUnreadableError):
        await read(sources, attached("http://127.0.0.1:9/song.wav"))


async def test_a_private_address_is_never_asked(serve: Serve) -> None:
    asked: list[str] = []

    async def count(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=SONG)

    address = await serve(count)
    guarded = DiscordSources(discord.Client(intents=discord.Intents.none()), Fetcher(ports=None), 1)
    for given in (address, address.replace("127.0.0.1", "localhost")):
        with pytest.raises(AddressFailedError) as caught:
            await read(guarded, linked(given))
        assert "no such host" in caught.value.sentence
    assert asked == []


async def test_a_title_cannot_break_out_of_its_sentence(serve: Serve, sources: DiscordSources) -> None:
    with pytest.raises(AttachmentGoneError) as caught:
        await read(sources, attached(await serve(answering(status=404)), "a`\n@everyone`.wav"))
    assert caught.value.sentence.count("`") == 2
    assert "\n" not in caught.value.sentence


async def test_what_was_read_leaves_nothing_behind(
    serve: Serve, sources: DiscordSources, tmp_path: Path
) -> None:
    sources._folder = tmp_path
    async with sources.read(linked(await serve(answering()))) as audio:
        assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
        file = audio.file
    assert file.closed


async def test_a_full_disk_is_told(
    serve: Serve, sources: DiscordSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    address = await serve(answering())
    monkeypatch.setattr("bot.chat.asked.sources._write", full)
    with pytest.raises(NoRoomError):
        await read(sources, linked(address))
