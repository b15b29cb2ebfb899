"""A bot that can be killed at any commit, the stand-ins around it, and what must be true of each song in the end."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.chaos import kills
from tests.chaos.launch import COMMAND, GENERATIONS, KILLS
from tests.discord_server import DiscordServer, Interaction, Message
from tests.kie_server import CallbackPlan, KieServer
from tests.process.bot_process import BotProcess

_ENDS = {"after:job done", "after:job failed", "after:job cancelled"}

_ADDED = "after:job added"

_CHORES = {"uses deleted", "telling deleted", "jobs deleted", "claimed"}
"""Done at every start and every minute, and no part of a song's way."""

_TRIES = 5
"""Songs that may miss a moment: looks at the studio and callbacks do not always come in the same order."""

MANY = 100_000
"""Generations in 10 s: more than any test makes."""


class MortalBot(BotProcess):
    """A bot that ends where a trap is set."""

    launcher = "tests.chaos.launch"


@dataclass(frozen=True, slots=True)
class Moment:
    """`before` or `after` the `count`th passing of a commit by one song."""

    side: str
    point: str
    count: int

    def __str__(self) -> str:
        return f"{self.side} {self.point} #{self.count}"


@dataclass(slots=True)
class Scene:
    """One bot, one Discord, one studio. Each song is asked for in a channel of its own."""

    discord: DiscordServer
    kie: KieServer
    bot: MortalBot
    directory: Path
    settings: dict[str, str]
    asked: list[Interaction] = field(default_factory=list)

    async def ask(self, **options: Any) -> Interaction:
        """Use `/midi` in a new channel, with the id of a finished separation if nothing is given."""
        given = options or {"task_id": self.kie.add_separation().id}
        channel = self.discord.world.add_channel(self.discord.world.guild, f"song-{len(self.asked)}")
        asked = await self.discord.slash("midi", at=self.discord.where(channel=channel), **given)
        self.asked.append(asked)
        return asked

    async def moments(self, **options: Any) -> list[Moment]:
        """Every moment that one song, asked for now, passes; read from the run itself."""
        before = len(self.passed())
        asked = await self.ask(**options)
        await self.until(lambda: self.ended_or_killed(asked, before))
        await self.quiet()
        seen: Counter[str] = Counter()
        found = []
        for line in self.passed()[before:]:
            seen[line] += 1
            side, _, point = line.partition(":")
            if point not in _CHORES:
                found.append(Moment(side, point, seen[line]))
        return found

    async def killed_at(self, moment: Moment, **options: Any) -> tuple[Interaction, int]:
        """Ask for songs until one lets the bot end at a moment of its way: that one, and how much was passed before it.

        Raises:
            AssertionError: none did.
        """
        missed = 0
        while missed < _TRIES:
            before = len(self.passed())
            kills.set_trap(self.directory, moment.side, moment.point, moment.count)
            asked = await self.ask(**options)
            await self.until(partial(self.ended_or_killed, asked, before))
            await self.quiet()
            if kills.is_sprung(self.directory):
                await self.bot.ended()
            if not self.bot.is_running and (
                (moment.count == 1 and moment.point == "job added") or _ADDED in self.passed()[before:]
            ):
                return asked, before
            kills.take_trap_away(self.directory)
            if self.bot.is_running:
                missed += 1
            else:
                # On Postgres an earlier song, taken over now, may end the bot before this one was written down: no try of its own.
                await self.restart()
        raise AssertionError(f"no song passed {moment}")

    def ended_or_killed(self, asked: Interaction, before: int) -> bool:
        """Whether the bot is gone, or a song that was asked for after `before` commits is at its end."""
        has_ended = bool(self.messages(asked)) and not _ENDS.isdisjoint(self.passed()[before:])
        return has_ended or not self.bot.is_running

    async def until(self, is_so: Callable[[], bool], *, within_seconds: float = 30.0) -> None:
        """Wait until something is so in the bot's process, which gives no sign of it.

        Raises:
            TimeoutError: it never was.
        """
        async with asyncio.timeout(within_seconds):
            while not is_so():  # noqa: ASYNC110 (see above)
                await asyncio.sleep(0.02)

    def another(self, name: str, command: str = "run") -> MortalBot:
        """A second process on the same database, not started yet."""
        return MortalBot(self.directory / name, self.discord, self.kie, **self.settings | {COMMAND: command})

    async def connected(self, count: int) -> None:
        """Wait until so many processes are sent interactions."""
        sessions = self.discord.gateway.sessions
        await self.discord.until(lambda: sum(one.socket is not None for one in sessions.values()) == count)

    async def restart(self) -> None:
        """Start the ended bot again, and wait until it is sent interactions."""
        await self.discord.until(lambda: not self.discord.gateway.is_connected)
        await self.bot.start()
        await self.discord.connected()

    async def quiet(self, *, for_seconds: float = 0.2) -> None:
        """Wait until the bot has written nothing for a while."""
        async with asyncio.timeout(60):
            count, since = -1, time.monotonic()
            while time.monotonic() - since < for_seconds:
                await asyncio.sleep(0.02)
                if (now := len(self.passed())) != count:
                    count, since = now, time.monotonic()

    def passed(self) -> list[str]:
        return kills.passed(self.directory)

    def messages(self, asked: Interaction) -> list[Message]:
        """What is to be seen where a song was asked for."""
        return self.discord.world.messages_in(asked.channel)

    def results(self, asked: Interaction) -> list[str]:
        """The names of all `.mid` files there."""
        return [
            file.name
            for message in self.messages(asked)
            for file in message.files
            if file.name.endswith(".mid")
        ]

    def fault_in(self, asked: Interaction) -> str | None:
        """What is wrong with the end of a song: one message is wanted, with one file, and nothing that thinks."""
        messages, files = self.messages(asked), self.results(asked)
        if len(messages) != 1 or len(files) != 1:
            return f"{len(messages)} messages, {len(files)} files, {asked.state}"
        return "it thinks for ever" if asked.state == "thinking" else None


@asynccontextmanager
async def scene(
    directory: Path,
    plan: CallbackPlan,
    work_seconds: float | None = 0.3,
    kind: type[MortalBot] = MortalBot,
    /,
    **settings: str,
) -> AsyncIterator[Scene]:
    """Stand-ins and a bot that is connected; `settings` as in the environment."""
    given = {
        "PREVIEW_SECONDS": "0",
        "POLL_SECONDS": "1",
        COMMAND: "run",
        GENERATIONS: str(MANY),
        KILLS: str(directory),
        **settings,
    }
    async with (
        DiscordServer() as discord,
        KieServer(hmac_key="signing-key", work_seconds=work_seconds, plan=plan, rate=MANY) as kie,
        kind(directory / "data", discord, kie, **given) as bot,
    ):
        await discord.connected()
        yield Scene(discord, kie, bot, directory, given)
