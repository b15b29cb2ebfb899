"""The connection to Discord: whatever goes wrong at its start is told and tried again."""

import asyncio
import ctypes
import gc
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Self

import discord
import pytest
from sqlalchemy.exc import OperationalError

from bot.chat.discord import gateway as module
from bot.chat.discord.gateway import Gateway
from bot.chat.discord.shards import LOST_AFTER_SECONDS, Shards
from bot.errors import SettingsError


class Bot:
    """What a gateway needs of a bot, with a hook that fails as often as it is told to."""

    def __init__(
        self, *failures: Exception, shards: int = 1, monotonic: Callable[[], float] | None = None
    ) -> None:
        self.connected = Shards(monotonic) if monotonic else Shards()
        self.settings = SimpleNamespace(shard_count=None)
        self.shards = shards
        self.said = 0
        self.listeners: dict[str, Callable[..., Awaitable[None]]] = {}
        self.failures = list(failures)
        self.logins = 0
        self.is_connected = asyncio.Event()
        self.commands_are_known = True
        self.http = self
        self.max_ratelimit_timeout: float | None = None
        self.ended: Exception | None = None
        self.connector = discord.utils.MISSING

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    def add_listener(self, listener: Callable[..., Awaitable[None]], event: str) -> None:
        self.listeners[event] = listener

    async def learn_shards(self) -> None:
        self.connected.expect(range(self.shards), self.shards)

    async def say_connected(self) -> None:
        self.said += 1

    async def login(self, _token: str) -> None:
        self.logins += 1
        if self.failures:
            raise self.failures.pop(0)

    async def connect(self, *, reconnect: bool) -> None:
        assert reconnect
        self.is_connected.set()
        if self.ended:
            raise self.ended
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""


class _DriverError(Exception):
    sqlstate = "57P01"


AWAY = OperationalError("SELECT 1", {}, _DriverError("terminating connection"))


FIRST_PAUSE_SECONDS = module._FIRST_PAUSE_SECONDS


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.005)


@pytest.mark.parametrize(
    "failure", [AWAY, RuntimeError("a cog"), ValueError("a cog")], ids=["database", "ours", "another"]
)
async def test_a_hook_that_fails_is_called_again(failure: Exception) -> None:
    bot = Bot(failure, failure)
    async with Gateway("token").connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await bot.is_connected.wait()
    assert bot.logins == 3


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (AWAY, "DATABASE_URL: the database cannot be reached; trying again in 60 s"),
        (RuntimeError("a secret"), "the start failed, see the log; trying again in 60 s"),
        (OSError("no route"), "Discord could not be reached; trying again in 60 s"),
    ],
    ids=["database", "ours", "network"],
)
async def test_readiness_says_why_there_is_no_connection(
    failure: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 30.0)
    gateway = Gateway("token")
    async with gateway.connected(Bot(failure)), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        while gateway.problem == "not connected to Discord yet":  # noqa: ASYNC110 (nobody else tells)
            await asyncio.sleep(0)
        assert gateway.problem == reason


async def test_the_first_pauses_are_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", FIRST_PAUSE_SECONDS)
    gateway = Gateway("token")
    async with gateway.connected(Bot(OSError())), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: "trying again in 10 s" in str(gateway.problem))


async def test_who_only_works_is_told_of_a_token_that_is_refused() -> None:
    bot = Bot(discord.LoginFailure("no"))
    with pytest.raises(SettingsError, match="DISCORD_TOKEN: Discord refuses"):
        async with Gateway("token").logged_in(bot):  # type: ignore[arg-type]  # all that it needs
            pytest.fail("it went on without a login")


async def test_the_watchdog_looks_often_enough_to_end_a_lost_process_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[timedelta] = []

    async def repeatedly(_look: object, every: timedelta, _name: str, **_more: object) -> None:
        looks.append(every)

    monkeypatch.setattr(module, "repeatedly", repeatedly)
    bot = Bot()
    async with Gateway("token").connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await bot.is_connected.wait()
    assert [every < timedelta(seconds=LOST_AFTER_SECONDS) / 4 for every in looks] == [True]


async def until(is_so: Callable[[], bool]) -> None:
    """Let the gateway go on until it has come to something."""
    while not is_so():  # noqa: ASYNC110 (it gives no sign)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (4004, "Discord refuses DISCORD_TOKEN"),
        (4010, "another copy of the bot"),
        (4012, "no longer speaks this version"),
        (4013, "asks to be told of (intents)"),
        (4014, "privileged intents"),
    ],
)
async def test_what_a_new_process_would_be_told_as_well_does_not_end_it(code: int, reason: str) -> None:
    bot, now = Bot(), 0.0
    bot.ended = discord.ConnectionClosed(None, shard_id=None, code=code)  # type: ignore[arg-type]  # it is given a code
    if code == 4014:
        bot.ended = discord.PrivilegedIntentsRequired(None)
    gateway = Gateway("token", monotonic=lambda: now)
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: reason in str(gateway.problem))
        now = 10_000.0
        await gateway._watch(bot)  # type: ignore[arg-type]  # all that it needs
    assert not gateway.lost.is_set()


@pytest.mark.parametrize("code", [4000, 4011])
async def test_any_other_end_is_left_to_a_new_process(code: int) -> None:
    """With 4011 Discord wants more shards than it wanted at the start: a new process asks again."""
    bot, now = Bot(), 1.0
    bot.ended = discord.ConnectionClosed(None, shard_id=None, code=code)  # type: ignore[arg-type]  # it is given a code
    gateway = Gateway("token", monotonic=lambda: now)
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: "ended the connection" in str(gateway.problem))
        now = 10_000.0
        await gateway._watch(bot)  # type: ignore[arg-type]  # all that it needs
    assert gateway.lost.is_set()


async def test_a_wait_that_discord_asks_for_at_the_login_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Bot(discord.RateLimited(3600))
    gateway = Gateway("token")
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: "not connected" not in str(gateway.problem))
        assert bot.max_ratelimit_timeout == 60
        assert gateway.problem == (
            "Discord is blocking this machine's address for now; trying again in 900 s"
        )


async def test_too_few_shards_by_the_settings_are_told_and_do_not_end_it() -> None:
    bot, now = Bot(), 0.0
    bot.settings.shard_count = 1
    bot.ended = discord.ConnectionClosed(None, shard_id=None, code=4011)  # type: ignore[arg-type]  # it is given a code
    gateway = Gateway("token", monotonic=lambda: now)
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: "too many servers for SHARD_COUNT" in str(gateway.problem))
        now = 10_000.0
        await gateway._watch(bot)  # type: ignore[arg-type]  # all that it needs
    assert not gateway.lost.is_set()


@pytest.mark.parametrize(
    ("away", "seconds", "is_lost"),
    [
        ((0, 1), 299, False),
        ((0, 1), 301, True),
        ((1,), 301, False),
        ((1,), 901, True),
        ((), 10_000, False),
    ],
)
async def test_a_new_process_comes_soon_where_no_shard_is_left_and_late_where_others_serve(
    away: tuple[int, ...], seconds: float, is_lost: bool
) -> None:
    now = 0.0
    bot = Bot(shards=2, monotonic=lambda: now)
    gateway = Gateway("token", monotonic=lambda: now)
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await bot.is_connected.wait()
        for shard in (0, 1):
            await bot.listeners["on_shard_ready"](shard)
        for shard in away:
            await bot.listeners["on_shard_disconnect"](shard)
        now = seconds
        for shard in away:
            # Said again at each attempt: the first counts.
            await bot.listeners["on_shard_disconnect"](shard)
        await gateway._watch(bot)  # type: ignore[arg-type]  # all that it needs
    assert gateway.lost.is_set() is is_lost


async def test_readiness_tells_how_many_shards_are_there_and_which_are_not() -> None:
    bot = Bot(shards=4)
    gateway = Gateway("token")
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await bot.is_connected.wait()
        assert gateway.problem == "not connected to Discord yet"
        await bot.listeners["on_shard_ready"](0)
        assert gateway.problem == "not connected to Discord yet: 1 of 4 shards"
        for shard in (1, 2, 3):
            await bot.listeners["on_shard_ready"](shard)
        assert gateway.problem is None
        for shard in (1, 2):
            await bot.listeners["on_shard_disconnect"](shard)
        assert gateway.problem == "the connection to Discord is interrupted (shards 1-2 of 4)"
        for shard in (1, 2):
            await bot.listeners["on_shard_resumed"](shard)
        assert gateway.problem is None


async def test_other_processes_are_told_once_a_minute_what_is_connected() -> None:
    now = 0.0
    bot = Bot()
    gateway = Gateway("token", monotonic=lambda: now)
    async with gateway.connected(bot), asyncio.timeout(5):  # type: ignore[arg-type]  # all that it needs
        await until(lambda: bot.said == 1)
        for seconds in (15.0, 59.0, 61.0):
            now = seconds
            await gateway._watch(bot)  # type: ignore[arg-type]  # all that it needs
    assert bot.said == 2


async def test_at_the_end_of_a_process_what_is_known_of_the_servers_is_left_as_it_is() -> None:
    bot, gateway = Bot(), Gateway("token")
    gateway.leave_unfreed()
    async with gateway.connected(bot):  # type: ignore[arg-type]  # all that it needs
        pass
    held = sys.getrefcount(bot)
    gateway.leave_unfreed()
    try:
        assert sys.getrefcount(bot) == held + 1
        assert gc.get_freeze_count()
    finally:
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(bot))
        gc.unfreeze()
