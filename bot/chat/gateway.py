"""The connection to Discord: its own back-off, and a reason whenever it is not there. It never ends the program."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord
import structlog

from bot.chat.client import Pianola

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 900.0
"""Shared addresses of hosts are refused for up to 23 h; asking four times an hour keeps far from a ban."""


class Gateway:
    """Logs in and stays connected. `problem` says why it is not, or None."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._bot: Pianola | None = None
        self._problem: str | None = "not connected to Discord yet"

    @property
    def problem(self) -> str | None:
        """Why interactions do not arrive, or None when they do."""
        if self._bot is not None and self._bot.is_ready() and not self._bot.is_closed():
            return None
        return self._problem

    @asynccontextmanager
    async def connected(self, bot: Pianola) -> AsyncIterator[None]:
        """Connect in the background, until the block is left."""
        self._bot = bot
        task = asyncio.create_task(self._stay_connected(bot), name="discord")
        try:
            yield
        finally:
            await bot.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _stay_connected(self, bot: Pianola) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await bot.login(self._token)
                break
            except discord.LoginFailure:
                self._problem = "Discord refuses DISCORD_TOKEN: make a new one at discord.com/developers"
                log.error("discord.token_refused", problem=self._problem)  # noqa: TRY400 (no trace: it holds the token)
                return
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                await bot.http.close()
                self._problem = "Discord could not be reached; trying again"
                pause = min(_LONGEST_PAUSE_SECONDS, max(pause * 2, _asked_pause(error)))
                log.warning("discord.login_failed", error=str(error)[:200], again_in_seconds=pause)
                await asyncio.sleep(pause)
        try:
            await bot.connect(reconnect=True)
        except discord.DiscordException as error:
            self._problem = f"Discord ended the connection for good: {error}"
            log.exception("discord.ended")


def _asked_pause(error: Exception) -> float:
    response = getattr(error, "response", None)
    try:
        return float(response.headers.get("Retry-After", 0)) if response is not None else 0.0
    except ValueError:
        return 0.0
