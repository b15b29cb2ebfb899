"""A bot as a process between the stand-ins, and people who use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.discord_server import DiscordServer, Interaction
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

_MANY = 100_000
"""Generations in 10 s: the studio's own limit is not what is measured."""


@dataclass(slots=True)
class Stage:
    """A bot that is ready, with every setting at its default."""

    discord: DiscordServer
    kie: KieServer
    bot: BotProcess
    asked: int = 0

    async def ask(self, person: str, command: str = "midi", /, **options: Any) -> Interaction:
        """Use a command as somebody, in a channel of its own."""
        world = self.discord.world
        known = (user for user in world.users.values() if user.name == person)
        user = next(known, None) or world.add_user(person)
        self.asked += 1
        channel = world.add_channel(world.guild, f"channel-{self.asked}")
        return await self.discord.slash(command, at=self.discord.where(user, channel), **options)


@asynccontextmanager
async def stage(data_dir: Path, **settings: str) -> AsyncIterator[Stage]:
    """Both stand-ins and the bot; it is killed in the end."""
    async with (
        DiscordServer() as discord,
        KieServer(hmac_key="signing-key", rate=_MANY) as kie,
        BotProcess(data_dir, discord, kie, LOG_LEVEL="INFO", **settings) as bot,
    ):
        await bot.wait_ready()
        yield Stage(discord, kie, bot)


def is_answered(asked: Interaction) -> bool:
    """Whether Discord has its acknowledgement."""
    return bool(asked.answers)


def has_result(asked: Interaction) -> bool:
    """Whether the answer is a result: a MIDI file, or what is in the one that was given."""
    return bool(asked.original and any(file.name.endswith((".mid", ".png")) for file in asked.original.files))
