"""The connection to Discord: whatever goes wrong at its start is told and tried again."""

import asyncio

import discord
import pytest
from sqlalchemy.exc import OperationalError

from bot.chat.discord import gateway as module
from bot.chat.discord.gateway import Gateway


class Bot:
    """What a gateway needs of a bot, with a hook that fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.logins = 0
        self.is_connected = asyncio.Event()
        self.commands_are_known = True
        self.http = self
        self.connector = discord.utils.MISSING

    def add_listener(self, _listener: object, _event: str) -> None:
        """Nothing happens to it."""

    async def login(self, _token: str) -> None:
        self.logins += 1
        if self.failures:
            raise self.failures.pop(0)

    async def connect(self, *, reconnect: bool) -> None:
        assert reconnect
        self.is_connected.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""


class _DriverError(Exception):
    sqlstate = "57P01"


AWAY = OperationalError("SELECT 1", {}, _DriverError("terminating connection"))


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
