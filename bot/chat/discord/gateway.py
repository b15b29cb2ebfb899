"""The connection to Discord: its own back-off, a watchdog, and a reason whenever it is not there."""

import asyncio
import ctypes
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import discord
import structlog

from bot.background import repeatedly
from bot.chat.discord.client import Pianola
from bot.chat.discord.shards import LOST_AFTER_SECONDS, Shards
from bot.errors import SettingsError
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.gateways import SAID_EVERY
from bot.shards import spans

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 900.0
"""Shared addresses of hosts are refused for up to 23 h; asking four times an hour keeps far from a ban."""

_LONGEST_WAIT_SECONDS = 60.0
"""What a login that is asked to wait waits without a word."""

_REFUSALS = {
    4004: "Discord refuses DISCORD_TOKEN: make a new one at discord.com/developers/applications",
    4010: "Discord refuses this connection: another copy of the bot is connected with different settings",
    4011: "Discord refuses so few shards: the bot is in too many servers for SHARD_COUNT; `pianola doctor` says how many it wants",
    4012: "Discord no longer speaks this version of its gateway: update Pianola",
    4013: "Discord refuses what this version asks to be told of (intents): update Pianola",
    4014: "Discord refuses what this version asks to be told of (privileged intents): update Pianola",
}
"""What a new process would be told as well: it stays up and says so, where ending would start it again and again."""

_WATCH_EVERY = timedelta(seconds=15)


_TOO_FEW_SHARDS = 4011


class Gateway:
    """Logs in and stays connected. It never ends the program; `lost` tells when a new process would do better."""

    def __init__(self, token: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.lost = asyncio.Event()
        self._token = token
        self._monotonic = monotonic
        self._problem: str | None = "not connected to Discord yet"
        self._shards: Shards | None = None
        self._bot: Pianola | None = None
        self._ended_since: float | None = None
        self._said_at: float | None = None

    @property
    def problem(self) -> str | None:
        """Why interactions do not arrive, or None when they do."""
        return self._problem or (self._shards.problem if self._shards else None)

    def leave_unfreed(self) -> None:
        """For the last moment of a process: what discord.py knows of the servers is left to the system.

        Python frees object by object: 1.7 s of CPU for 20 000 servers, and with 100 000 longer than hosts wait.
        """
        if self._bot is not None:
            gc.freeze()
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._bot))

    @asynccontextmanager
    async def connected(self, bot: Pianola) -> AsyncIterator[None]:
        """Connect in the background, until the block is left."""
        self._bot, self._shards = bot, bot.connected
        bot.add_listener(self._on_here, "on_shard_ready")
        bot.add_listener(self._on_here, "on_shard_resumed")
        bot.add_listener(self._on_gone, "on_shard_disconnect")

        async def tell() -> None:
            shards = {"shards": f"{spans(bot.connected.wanted)} of {bot.connected.count}"}
            log.info(
                "connected",
                bot=str(bot.user),
                **(shards if bot.connected.count > 1 else {}),
                servers=len(bot.guilds),
                invite=bot.invite,
            )

        bot.add_listener(tell, "on_ready")
        async with bot, self._staying(bot):
            yield

    @asynccontextmanager
    async def _staying(self, bot: Pianola) -> AsyncIterator[None]:
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
        async with bot:
            if not await self._log_in(bot, connects=False):
                raise SettingsError(f"DISCORD_TOKEN: {self._problem}")
            yield

    async def _on_here(self, shard: int) -> None:
        if self._shards:
            self._shards.came(shard)

    async def _on_gone(self, shard: int) -> None:
        if self._shards:
            self._shards.went(shard)

    async def _watch(self, bot: Pianola) -> None:
        lost = bot.connected.lost()
        if self._ended_since is not None and self._monotonic() - self._ended_since > LOST_AFTER_SECONDS:
            lost = dict.fromkeys(bot.connected.wanted, self._monotonic() - self._ended_since)
        if lost:
            log.error("discord.lost", shards=spans(lost), seconds=round(max(lost.values())))
            self.lost.set()
        if self.problem is None and not bot.commands_are_known:
            await bot.make_commands_known()
        now = self._monotonic()
        if self._said_at is None or now - self._said_at >= SAID_EVERY.total_seconds():
            await bot.say_connected()
            self._said_at = now

    async def _stay_connected(self, bot: Pianola) -> None:
        if not await self._log_in(bot, connects=True):
            return
        try:
            await bot.connect(reconnect=True)
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            code = getattr(error, "code", 4014)
            refusal = _REFUSALS.get(code)
            if code == _TOO_FEW_SHARDS and bot.settings.shard_count is None:
                # It grew since it asked how many are wanted: a new process asks again.
                refusal = None
            self._problem = refusal or f"Discord ended the connection: {error}"
            log.error("discord.ended", problem=self._problem)  # noqa: TRY400 (Discord's own word, no fault of a line here)
            if refusal is None:
                self._ended_since = self._monotonic()
        except Exception as error:
            self._problem = f"Discord ended the connection: {type(error).__name__}"
            log.exception("discord.ended")
            # discord.py has closed the client, and a closed one cannot be opened again.
            self._ended_since = self._monotonic()

    async def _log_in(self, bot: Pianola, *, connects: bool) -> bool:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            # Else discord.py itself would wait for as long as Discord asks, an hour or a day, and nobody would know why.
            bot.http.max_ratelimit_timeout = _LONGEST_WAIT_SECONDS
            try:
                await bot.login(self._token)
                if connects:
                    await bot.learn_shards()
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
                self._problem = None
                return True


def _told(error: Exception) -> str | None:
    """Why a login failed, in words; None where nobody foresaw it."""
    if isinstance(error, discord.RateLimited) or getattr(error, "status", None) == 429:
        return "Discord is blocking this machine's address for now"
    if isinstance(error, (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError)):
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
