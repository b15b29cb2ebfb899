"""Reads what people give: files of Discord messages, and addresses of their own."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.audio.fetch import Fetcher
from bot.audio.names import file_name
from bot.audio.sniff import check
from bot.errors import (
    AddressFailedError,
    AttachmentGoneError,
    AttachmentUnreadableError,
    FileTooLargeError,
    InputError,
    PageInFileError,
    SongGoneError,
    WebPageGivenError,
)
from bot.jobs.model import SongPart, Source
from bot.jobs.work.outside import Audio
from bot.language import text

_SNIFFED = 4096
"""Bytes. The signs of every audio format stand within these."""

_DISCORDS_FILES = {"cdn.discordapp.com", "media.discordapp.net"}

_PATIENCE_SECONDS = 120.0

_LONGEST_SECONDS = 600.0
"""For all addresses of a part together: 100 MB at 1.4 Mbit/s."""


class DiscordSources:
    """Attachments come through discord.py's own client, addresses through the guarded fetcher."""

    def __init__(
        self, client: discord.Client, fetcher: Fetcher, max_mb: int, *, at_studio: Fetcher | None = None
    ) -> None:
        """`at_studio` fetches what a studio keeps; it may be nearer than strangers' addresses."""
        self._client = client
        self._at_studio = at_studio or fetcher
        self._fetcher = fetcher
        self._max_mb = max_mb

    async def read(self, part: SongPart) -> Audio:
        """The audio of one part, known by its content to be audio."""
        if part.kind is Source.ATTACHMENT:
            data = await self._attachment(part)
            try:
                return Audio(part.name, data, check(data[:_SNIFFED], name=part.name))
            except WebPageGivenError as error:
                raise PageInFileError(name=file_name(part.name)) from error
        if part.kind is Source.STUDIO:
            return await self._kept(part)
        return await self._first_of(part)

    async def _attachment(self, part: SongPart) -> bytes:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                data = await self._client.http.get_from_cdn(part.source or "")
        except (discord.NotFound, discord.Forbidden) as error:
            raise AttachmentGoneError(str(error), name=file_name(part.name)) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise AttachmentUnreadableError(str(error), name=file_name(part.name)) from error
        if len(data) > self._max_mb * 1024**2:
            raise FileTooLargeError(name=file_name(part.name), limit_mb=self._max_mb)
        return data

    async def _kept(self, part: SongPart) -> Audio:
        """A file that a studio has from an earlier job; it keeps them for some days."""
        try:
            async with self._at_studio.fetch(part.source or "", max_bytes=self._max_mb * 1024**2) as download:
                data = b"".join([chunk async for chunk in download.chunks])
        except AddressFailedError as error:
            if _is_refused(error):
                raise SongGoneError(error.detail) from error
            raise
        return Audio(part.name, data, download.content_type)

    async def _first_of(self, part: SongPart) -> Audio:
        """The first song among a part's addresses; if there is none, what is wrong with the first of them."""
        problem: InputError | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                for address in (part.source or "", *part.alternatives):
                    try:
                        return await self._address(address)
                    except InputError as error:
                        problem = problem or error
        raise problem or AddressFailedError(reason=text("it took too long to answer"))

    async def _address(self, address: str) -> Audio:
        limit = self._max_mb * 1024**2
        try:
            async with self._fetcher.fetch(address, max_bytes=limit) as download:
                data = b"".join([chunk async for chunk in download.chunks])
                return Audio(download.name, data, download.content_type)
        except AddressFailedError as error:
            given = urlsplit(address)
            if given.hostname in _DISCORDS_FILES and _is_refused(error):
                # Such links are signed and end after a day.
                raise AttachmentGoneError(error.detail, name=file_name(given.path)) from error
            raise


def _is_refused(error: AddressFailedError) -> bool:
    """Whether the server answered that it has no such file for us; another time it will say the same."""
    return str(error.values.get("status", "")).startswith("4")
