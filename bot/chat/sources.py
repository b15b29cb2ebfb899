"""Reads what people give: files of Discord messages, and addresses of their own."""

import asyncio

import aiohttp
import discord

from bot.audio.fetch import Fetcher
from bot.audio.names import file_name
from bot.audio.sniff import check
from bot.errors import AttachmentGoneError, AttachmentUnreadableError, FileTooLargeError
from bot.jobs.courier import Audio
from bot.jobs.model import Part, Source

_SNIFFED = 4096
"""Bytes. The signs of every audio format stand within these."""

_PATIENCE_SECONDS = 120.0


class DiscordSources:
    """Attachments come through discord.py's own client, addresses through the guarded fetcher."""

    def __init__(self, client: discord.Client, fetcher: Fetcher, max_mb: int) -> None:
        self._client = client
        self._fetcher = fetcher
        self._max_mb = max_mb

    async def read(self, part: Part) -> Audio:
        """The audio of one part, known by its content to be audio."""
        if part.kind is Source.ATTACHMENT:
            name, data = part.name, await self._attachment(part)
        else:
            name, data = await self._address(part)
        return Audio(name, data, check(data[:_SNIFFED], name=name))

    async def _attachment(self, part: Part) -> bytes:
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

    async def _address(self, part: Part) -> tuple[str, bytes]:
        limit = self._max_mb * 1024**2
        async with self._fetcher.fetch(part.source or "", max_bytes=limit) as download:
            return download.name, b"".join([chunk async for chunk in download.chunks])
