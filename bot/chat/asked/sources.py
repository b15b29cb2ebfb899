"""Reads what people give: files of Discord messages, and addresses of their own. What was read lies in a file without a name."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import aiohttp
import discord
from discord.http import HTTPClient
from msgspec.structs import replace

from bot.audio.cover import thumbnail
from bot.audio.errors import AddressFailedError, FileTooLargeError, WebPageGivenError
from bot.audio.fetch import Download, Fetcher
from bot.audio.length import seconds_of
from bot.audio.names import file_name
from bot.audio.sniff import FIRST_BYTES, check
from bot.audio.tags import tags_of
from bot.errors import (
    AttachmentGoneError,
    AttachmentUnreadableError,
    InputError,
    NoRoomError,
    PageInFileError,
    SongGoneError,
)
from bot.jobs.naming import tagged_title
from bot.jobs.song_part import SongPart, Source
from bot.jobs.work.outside import Audio
from bot.language import text

_DISCORDS_FILES = {"cdn.discordapp.com", "media.discordapp.net"}

_LONGEST_SECONDS = 600.0
"""For all addresses of a part together: 100 MB at 1.4 Mbit/s."""


class DiscordSources:
    """Attachments come from where Discord says they are, addresses through the guarded fetcher."""

    def __init__(
        self,
        client: discord.Client,
        fetcher: Fetcher,
        max_mb: int,
        *,
        at_studio: Fetcher | None = None,
        folder: Path | None = None,
    ) -> None:
        """`at_studio` fetches what a studio keeps; it may be nearer than strangers' addresses.

        What is read lies in `folder` where there is one: the machine's own for such files may be memory.
        """
        self._client = client
        self._at_studio = at_studio or fetcher
        self._fetcher = fetcher
        # Discord says where its files are, not people.
        self._at_discord = Fetcher(allows=lambda _: True, ports=None)
        self._max_mb = max_mb
        self._max_bytes = max_mb << 20
        self._folder = folder
        # Each is a process of up to 256 MB.
        self._one_cover = asyncio.Lock()

    @asynccontextmanager
    async def read(self, part: SongPart) -> AsyncIterator[Audio]:
        """The audio of one part, known by its content to be audio; gone when the block is left."""
        file = await asyncio.to_thread(self._new_file)
        try:
            name, media_type = await self._fill(file, part)
            yield await self._described(Audio(name, media_type, file))
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise NoRoomError(str(error.strerror)) from error
        finally:
            await asyncio.to_thread(file.close)

    async def _described(self, audio: Audio) -> Audio:
        """With what the file says of itself."""
        if audio.is_score:
            await asyncio.to_thread(audio.file.seek, 0)
            return audio
        seconds = await asyncio.to_thread(seconds_of, audio.file)
        tags = await asyncio.to_thread(tags_of, audio.file)
        async with self._one_cover:
            cover = await thumbnail(tags.cover)
        return replace(audio, seconds=seconds, title=tagged_title(tags.title, tags.artist), cover=cover)

    def _new_file(self) -> BinaryIO:
        folder = self._folder if self._folder and self._folder.is_dir() else None
        return tempfile.TemporaryFile(dir=folder)

    async def _fill(self, file: BinaryIO, part: SongPart) -> tuple[str, str]:
        """Read a part into `file`; gives its name and media type."""
        if part.kind is Source.ATTACHMENT:
            return await self._attachment(file, part)
        if part.kind is Source.STUDIO:
            return await self._kept(file, part)
        return await self._first_of(file, part)

    async def _attachment(self, file: BinaryIO, part: SongPart) -> tuple[str, str]:
        shown = file_name(part.name)
        try:
            if type(self._client.http).get_from_cdn is not HTTPClient.get_from_cdn:
                return part.name, await self._handed_out(file, part)
            async with self._at_discord.fetch(
                part.source or "", max_bytes=self._max_bytes, name=shown
            ) as download:
                await _write(file, download)
        except WebPageGivenError as error:
            raise PageInFileError(name=shown) from error
        except AddressFailedError as error:
            gone = error.values.get("code") in {403, 404, 410}
            raise (AttachmentGoneError if gone else AttachmentUnreadableError)(
                error.detail, name=shown
            ) from error
        return part.name, download.content_type

    async def _handed_out(self, file: BinaryIO, part: SongPart) -> str:
        """The media type of a file that a simulated Discord has in its memory, and at no address."""
        shown = file_name(part.name)
        try:
            data = await self._client.http.get_from_cdn(part.source or "")
        except (discord.NotFound, discord.Forbidden) as error:
            raise AttachmentGoneError(str(error), name=shown) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise AttachmentUnreadableError(str(error), name=shown) from error
        if len(data) > self._max_bytes:
            raise FileTooLargeError(name=shown, limit_mb=self._max_mb)
        await asyncio.to_thread(file.write, data)
        return check(data[:FIRST_BYTES], name=shown)

    async def _kept(self, file: BinaryIO, part: SongPart) -> tuple[str, str]:
        """A file that a studio has from an earlier job; it keeps them for some days."""
        try:
            async with self._at_studio.fetch(part.source or "", max_bytes=self._max_bytes) as download:
                await _write(file, download)
        except AddressFailedError as error:
            if _is_refused(error):
                raise SongGoneError(error.detail) from error
            raise
        return part.name, download.content_type

    async def _first_of(self, file: BinaryIO, part: SongPart) -> tuple[str, str]:
        """The first song among a part's addresses; if there is none, what is wrong with the first of them."""
        problem: InputError | None = None
        waiting = asyncio.timeout(_LONGEST_SECONDS)
        try:
            async with waiting:
                for address in (part.source or "", *part.alternatives):
                    try:
                        return await self._address(file, address)
                    except InputError as error:
                        problem = problem or error
        except TimeoutError:
            if not waiting.expired():
                raise
        raise problem or AddressFailedError(reason=text("it took too long to answer"))

    async def _address(self, file: BinaryIO, address: str) -> tuple[str, str]:
        try:
            async with self._fetcher.fetch(address, max_bytes=self._max_bytes) as download:
                await _write(file, download)
        except AddressFailedError as error:
            given = urlsplit(address)
            if given.hostname in _DISCORDS_FILES and _is_refused(error):
                # Such links are signed and end after a day.
                raise AttachmentGoneError(error.detail, name=file_name(given.path)) from error
            raise
        return download.name, download.content_type


async def _write(file: BinaryIO, download: Download) -> None:
    """All of a download, from the beginning of `file`, which another may have been written to."""
    await asyncio.to_thread(file.truncate, 0)
    await asyncio.to_thread(file.seek, 0)
    async for chunk in download.chunks:
        await asyncio.to_thread(file.write, chunk)


def _is_refused(error: AddressFailedError) -> bool:
    """Whether the server answered that it has no such file for us; another time it will say the same."""
    return 400 <= int(error.values.get("code", 0)) < 500
