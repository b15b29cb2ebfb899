"""What is said where the bot comes in: once, and where it may write."""

import asyncio
from pathlib import Path

import aiohttp
import discord
import pytest

from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at


async def come_in(stage: Stage) -> list[discord.Message]:
    """Tell the bot that it is in the server; gives what it said."""
    guild = stage.world.bot.get_guild(stage.world.env.guild.id)
    assert guild is not None
    cog = stage.world.bot.get_cog("Greeting")
    await cog.on_guild_join(guild)  # type: ignore[union-attr]  # it is loaded
    message = stage.world.channel.last_message
    return [] if message is None else [message]


async def test_it_greets_once_however_often_it_comes(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        (message,) = await come_in(stage)
        assert "Hi, I'm Pianola." in message.content
        assert "`/midi`" in message.content
        assert not message.attachments
        assert await come_in(stage) == [message]
    async with pianola_at(kie, tmp_path) as stage:
        assert await come_in(stage) == [], "nor after a restart"


async def test_processes_that_are_told_at_once_greet_once(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    async def send(_channel: discord.TextChannel, content: str) -> None:
        sent.append(content)

    monkeypatch.setattr(discord.TextChannel, "send", send)
    async with pianola_at(kie, tmp_path) as stage:
        await asyncio.gather(*(come_in(stage) for _ in range(4)))
    assert len(sent) == 1


@pytest.mark.parametrize(
    "error", [aiohttp.ClientConnectionError("away"), OSError("away"), TimeoutError()], ids=repr
)
async def test_a_network_that_is_away_breaks_nothing(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def send(*_given: object) -> None:
        raise error

    monkeypatch.setattr(discord.TextChannel, "send", send)
    async with pianola_at(kie, tmp_path) as stage:
        assert await come_in(stage) == []


@pytest.mark.parametrize("right", ["send_messages", "view_channel"])
async def test_where_it_may_not_write_it_says_nothing(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        world = stage.world
        everyone = world.bot.get_guild(world.env.guild.id)
        assert everyone is not None
        overwrite = discord.PermissionOverwrite(**{right: False})
        closed = world.env.guild.create_text_channel("closed", overwrites={everyone.me: overwrite})
        monkeypatch.setattr(
            discord.Guild, "text_channels", property(lambda guild: [guild.get_channel(closed.id)])
        )
        assert everyone.system_channel is None
        assert await come_in(stage) == []
        assert closed.last_message is None
