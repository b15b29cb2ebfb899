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
