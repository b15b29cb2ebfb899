"""A Discord that is not itself when the bot starts, or while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.discord_server import DiscordServer, Fault
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess, free_port


async def test_what_is_asked_while_the_connection_is_broken_is_answered(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    await discord.gateway.close()
    await discord.until(lambda: not discord.gateway.is_connected)
    asked = await discord.slash("midi", task_id=kie.add_separation().id)
    await discord.until(lambda: asked.original and asked.original.files)
    assert discord.gateway.identifies == 1


@pytest.mark.chaos  # the pause after a failure is 10 s
@pytest.mark.parametrize(
    "fault", [Fault("status", status=503), Fault("banned")], ids=lambda fault: fault.kind
)
async def test_a_login_that_failed_is_tried_again(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, fault: Fault
) -> None:
    discord.fault("GET", "/users/@me", fault)
    async with BotProcess(tmp_path / "data", discord, kie) as bot:
        await discord.until(lambda: discord.gateway.is_connected, within_seconds=40)
        assert await bot.health("/livez") == 200
    assert discord.count("GET", "/users/@me") == 2


@asynccontextmanager
async def a_silent_server() -> AsyncIterator[int]:
    """A port that takes connections and never answers."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in held:
            writer.close()


async def test_a_database_that_is_not_reached_is_waited_for(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    url = f"postgresql://me:hidden-word@127.0.0.1:{free_port()}/songs"
    async with BotProcess(tmp_path / "data", discord, kie, DATABASE_URL=url) as bot:
        await bot.wait_health("/readyz", 503)
        async with asyncio.timeout(20):
            while "DATABASE_URL: the database cannot be reached" not in await bot.answer("/readyz"):  # noqa: ASYNC110 (see below)
                await asyncio.sleep(0.05)  # another process gives no other sign
        assert await bot.health("/livez") == 200
        assert await bot.terminate(within_seconds=5) == 0
        assert "hidden-word" not in bot.output()
        assert "Traceback" not in bot.output()
        assert bot.output().count("database.trouble") == 1


async def test_a_start_that_hangs_at_the_database_ends_at_the_signal(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    async with a_silent_server() as port:
        url = f"postgresql://me:hidden-word@127.0.0.1:{port}/songs"
        async with BotProcess(tmp_path / "data", discord, kie, DATABASE_URL=url) as bot:
            await bot.wait_health("/livez", 200)
            assert await bot.terminate(within_seconds=5) == 0


async def test_a_database_whose_name_nobody_knows_is_told_and_ends_at_the_signal(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    url = "postgresql://me:hidden-word@no-such-host.invalid/songs"
    async with BotProcess(tmp_path / "data", discord, kie, DATABASE_URL=url) as bot:
        await bot.wait_health("/readyz", 503)
        async with asyncio.timeout(20):
            while "DATABASE_URL: no host is known by the name" not in await bot.answer("/readyz"):  # noqa: ASYNC110 (see below)
                await asyncio.sleep(0.05)  # another process gives no other sign
        assert await bot.terminate(within_seconds=5) == 0
        assert "hidden-word" not in bot.output()
        assert "invalid" not in bot.output()


async def test_a_worker_ends_at_the_signal_while_discord_is_unreachable(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str
) -> None:
    bot = BotProcess(tmp_path / "data", discord, kie, DATABASE_URL=postgres_url)
    bot.arguments = ("worker",)
    discord.fault("GET", "/users/@me", Fault("status", status=503), times=99)
    async with bot:
        async with asyncio.timeout(20):
            while "discord.login_failed" not in bot.output():  # noqa: ASYNC110 (see below)
                await asyncio.sleep(0.05)  # another process gives no other sign
        assert await bot.terminate(within_seconds=5) == 0
