"""A Discord that is not itself when the bot starts, or while it runs."""

from pathlib import Path

import pytest

from tests.discord_server import DiscordServer, Fault
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess


async def test_what_is_asked_while_the_connection_is_broken_is_answered(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    await discord.gateway.close()
    await discord.until(lambda: not discord.gateway.is_connected)
    asked = await discord.slash("midi", task_id=kie.add_separation().id)
    await discord.until(lambda: asked.original and asked.original.files)
    assert discord.gateway.identifies == 1


@pytest.mark.chaos  # each pause after a failure is 10 s
@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/users/@me", Fault("status", status=503)),
        ("/users/@me", Fault("banned")),
        ("/gateway/bot", Fault("status", status=503)),
    ],
)
async def test_a_failure_at_the_start_is_followed_by_another_try(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, path: str, fault: Fault
) -> None:
    discord.fault("GET", path, fault)
    async with BotProcess(tmp_path / "data", discord, kie) as bot:
        await discord.until(lambda: discord.gateway.is_connected, within_seconds=40)
        assert await bot.health("/livez") == 200
    assert discord.count("GET", path) == 2
