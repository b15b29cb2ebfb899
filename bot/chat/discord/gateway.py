"""The connection to Discord: its own back-off, a watchdog, and a reason whenever it is not there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import discord
import structlog

from bot.background import repeatedly
from bot.chat.discord.client import Pianola
from bot.errors import SettingsError
from bot.jobs.storage.troubles import trouble_of

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 900.0
"""Shared addresses of hosts are refused for up to 23 h; asking four times an hour keeps far from a ban."""

_LOST_AFTER_SECONDS = 300.0
"""discord.py 2.7 can retry a dead resume address for ever; a process without a gateway for so long is better replaced."""

_LONGEST_WAIT_SECONDS = 60.0
"""What a login that is asked to wait waits without a word."""

_REFUSALS = {
    4004: "Discord refuses DISCORD_TOKEN: make a new one at discord.com/developers/applications",
    4010: "Discord refuses this connection: another copy of the bot is connected with different settings",
    4011: "Discord refuses a single connection: the bot is in 2500 servers or more, and needs several (shards)",
    4012: "Discord no longer speaks this version of its gateway: update Pianola",
    4013: "Discord refuses what this version asks to be told of (intents): update Pianola",
    4014: "Discord refuses what this version asks to be told of (privileged intents): update Pianola",
}
"""What a new process would be told as well: it stays up and says so, where ending would start it again and again."""

_WATCH_EVERY = timedelta(seconds=15)


class Gateway:
    """Logs in and stays connected. It never ends the program; `lost` tells when a new process would do better."""

    def __init__(self, token: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.lost = asyncio.Event()
        self._token = token
        self._monotonic = monotonic
        self._problem: str | None = "not connected to Discord yet"
        self._gone_since: float | None = None

    @property
    def problem(self) -> str | None:
        """Why interactions do not arrive, or None when they do."""
        return self._problem

    @asynccontextmanager
    async def connected(self, bot: Pianola) -> AsyncIterator[None]:
        """Connect in the background, until the block is left."""

        async def tell() -> None:
            log.info("connected", bot=str(bot.user), servers=len(bot.guilds), invite=bot.invite)

        for event, listener in (
            ("on_ready", self._on_here),
            ("on_ready", tell),
            ("on_resumed", self._on_here),
            ("on_disconnect", self._on_gone),
        ):
            bot.add_listener(listener, event)
        tasks = [
            asyncio.create_task(self._stay_connected(bot), name="discord"),
            asyncio.create_task(
                repeatedly(
                    lambda: self._watch(bot),
                    _WATCH_EVERY,
                    "gateway watchdog",
                    is_told=lambda error: trouble_of(error) is not None,
                ),
                name="gateway watchdog",
            ),
        ]
        try:
            yield
        finally:
            await bot.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def logged_in(self, bot: Pianola) -> AsyncIterator[None]:
        """Log in without a gateway, for a process that only works: it can post, and hears nothing.

        Raises:
            SettingsError: Discord refuses the token.
        """
        try:
            if not await self._log_in(bot):
                raise SettingsError(f"DISCORD_TOKEN: {self._problem}")
            yield
        finally:
            await bot.close()

    async def _on_here(self) -> None:
        self._problem = self._gone_since = None

    async def _on_gone(self) -> None:
        # Said again at each failed attempt to come back; the first counts.
        if self._gone_since is None:
            self._gone_since = self._monotonic()
            self._problem = "the connection to Discord is interrupted"

    async def _watch(self, bot: Pianola) -> None:
        if self._problem is None and not bot.commands_are_known:
            await bot.make_commands_known()
        if self._gone_since is not None and self._monotonic() - self._gone_since > _LOST_AFTER_SECONDS:
            log.error("discord.lost", seconds=round(self._monotonic() - self._gone_since))
            self.lost.set()

    async def _stay_connected(self, bot: Pianola) -> None:
        if not await self._log_in(bot):
            return
        try:
            await bot.connect(reconnect=True)
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            self._problem = (
                _REFUSALS.get(getattr(error, "code", 4014)) or f"Discord ended the connection: {error}"
            )
            log.error("discord.ended", problem=self._problem)  # noqa: TRY400 (Discord's own word, no fault of a line here)
            if self._problem not in _REFUSALS.values():
                self._gone_since = self._gone_since or self._monotonic()
        except Exception as error:
            self._problem = f"Discord ended the connection: {type(error).__name__}"
            log.exception("discord.ended")
            # discord.py has closed the client, and a closed one cannot be opened again.
            self._gone_since = self._gone_since or self._monotonic()

    async def _log_in(self, bot: Pianola) -> bool:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            # Else discord.py itself would wait for as long as Discord asks, an hour or a day, and nobody would know why.
            bot.http.max_ratelimit_timeout = _LONGEST_WAIT_SECONDS
            try:
                await bot.login(self._token)
            except discord.LoginFailure:
                self._problem = _REFUSALS[4004]
                # Asking again changes nothing, and a process that ends would be started again and again.
                log.error("discord.token_refused", problem=self._problem)  # noqa: TRY400 (a trace could show the token)
                return False
            except Exception as error:
                await bot.http.close()
                # discord.py makes its connector once, and a session on a closed one is closed from the start.
                bot.http.connector = discord.utils.MISSING
                pause = min(_LONGEST_PAUSE_SECONDS, max(pause * 2, _asked_pause(error)))
                reason = _told(error)
                self._problem = f"{reason or 'the start failed, see the log'}; trying again in {pause:.0f} s"
                if reason:
                    log.warning("discord.login_failed", reason=reason, again_in_seconds=pause)
                else:
                    # Out of the hook that makes the commands known: ours.
                    log.exception("discord.start_failed", again_in_seconds=pause)
                await asyncio.sleep(pause)
            else:
                bot.http.max_ratelimit_timeout = None
                return True


def _told(error: Exception) -> str | None:
    """Why a login failed, in words; None where nobody foresaw it."""
    if isinstance(error, discord.RateLimited) or getattr(error, "status", None) == 429:
        return "Discord is blocking this machine's address for now"
    if isinstance(error, (discord.HTTPException, aiohttp.ClientError, OSError)):
        return "Discord could not be reached"
    trouble = trouble_of(error)
    return trouble.sentence if trouble else None


def _asked_pause(error: Exception) -> float:
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    response = getattr(error, "response", None)
    try:
        return float(response.headers.get("Retry-After", 0)) if response is not None else 0.0
    except ValueError:
        return 0.0
