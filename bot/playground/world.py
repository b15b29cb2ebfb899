"""A Discord of our own, in this process: simcord's server, channel and people, with the unmodified bot in it."""

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import simcord

from bot.chat.discord.client import Pianola
from bot.errors import PianolaError

_PATIENCE_SECONDS = 600.0
"""What is pressed may take as long as a video of five minutes on a busy machine; after simcord's own 5 s the page would say that it failed."""


@dataclass(frozen=True, slots=True)
class World:
    """The simulated Discord, its one channel, and the person who sits at it."""

    env: simcord.Env
    channel: simcord.ChannelHandle
    person: simcord.MemberActor
    bot: Pianola


@asynccontextmanager
async def simulated(bot: Pianola, *, is_owner: bool = False) -> AsyncIterator[World]:
    """Join the bot to a fresh simulated Discord; the person in it may own the server, and so decide on its rules.

    Tasks made inside the block answer interactions there: simcord hands its webhook adapter on by context.
    """
    # simcord's page takes a file's type from its name, and Python knows none for this one.
    mimetypes.add_type("application/x-midi", ".mid")
    # It has one server: more shards would have nothing.
    bot.shard_count, bot.shard_ids = 1, None
    simulation = simcord.run(bot, check_errors=False, settle_timeout=_PATIENCE_SECONDS)
    simulation._env.backend.bot_user.name = "Pianola"  # noqa: SLF001 (simcord is pinned, and calls every bot TestBot)
    async with simulation as env:
        # simcord's clock stands still at a fixed date, and so these have the same ids each time: their songs and rules stay.
        # What was refused with a sentence is no failure of the bot's: the page would call its outcome uncertain.
        record = env._record_error  # noqa: SLF001 (as above)
        env._record_error = lambda error: None if _is_foreseen(error) else record(error)  # type: ignore[method-assign]  # noqa: SLF001 (as above)
        user = env.create_user("you")
        guild = env.create_guild("Pianola", owner=user if is_owner else None)
        channel = guild.create_text_channel("music")
        person = guild.add_member(user)
        # From here on it goes: people look at the times beside and in a message.
        clock = env.backend.clock
        clock.now = lambda: datetime.now(UTC) + timedelta(seconds=clock.elapsed)  # type: ignore[method-assign]  # simcord is pinned
        yield World(env, channel, person, bot)


def _is_foreseen(error: BaseException) -> bool:
    return isinstance(getattr(error, "original", error), PianolaError)
