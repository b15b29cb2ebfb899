"""A small discord.py application whose answers the tests choose."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

Act = Callable[[discord.Interaction], Awaitable[Any]]


class Client(discord.AutoShardedClient):
    """Has `/song`, "Listen" and whatever `on` says it does with an interaction; what that raised is in `errors`."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        # It says that it is ready so long after the last guild came; nobody here has a thousand.
        super().__init__(
            intents=intents or discord.Intents(guilds=True), max_messages=None, guild_ready_timeout=0.05
        )
        self.tree = app_commands.CommandTree(self)
        self.given: list[Any] = []
        self.act: Act = _defer
        self.errors: list[BaseException] = []
        self.done = asyncio.Event()
        self.resumed = asyncio.Event()
        self.synced = asyncio.Event()
        self.tree.add_command(_command(self))
        self.tree.add_command(_menu(self))

    async def setup_hook(self) -> None:
        await self.tree.sync()
        self.synced.set()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Components and forms; commands come through the tree."""
        if interaction.type in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
            await self.answer(interaction)

    async def answer(self, interaction: discord.Interaction) -> None:
        """Do what the test wants done."""
        try:
            await self.act(interaction)
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            self.errors.append(error)
        self.done.set()

    async def finished(self) -> None:
        """Wait until one answer has come to its end."""
        async with asyncio.timeout(20):
            await self.done.wait()
        self.done.clear()

    @asynccontextmanager
    async def running(self, token: str) -> AsyncIterator[None]:
        task = asyncio.create_task(self.start(token), name="discord.py")
        try:
            async with asyncio.timeout(20):
                await self.synced.wait()
            yield
        finally:
            ready = [self._connection._ready_task, *self._connection._ready_tasks.values()]
            await self.close()
            # discord.py's own waits for its readiness outlive its end.
            await asyncio.gather(task, *filter(None, ready), return_exceptions=True)


def code_of(error: BaseException) -> int:
    """Discord's code in what discord.py raised."""
    assert isinstance(error, discord.HTTPException), repr(error)
    return error.code


def a_file(name: str, size: int = 10, alt_text: str | None = None) -> discord.File:
    return discord.File(io.BytesIO(b"x" * size), name, description=alt_text)


async def _defer(interaction: discord.Interaction) -> None:
    await interaction.response.defer(thinking=True)


def _command(client: Client) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="song", description="Take a song")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def song(
        interaction: discord.Interaction,
        file: discord.Attachment | None = None,
        name: app_commands.Range[str, 1, 20] | None = None,
    ) -> None:
        client.given += [given for given in (file, name) if given]
        await client.answer(interaction)

    @song.autocomplete("name")
    async def names(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}{number}", value=str(number)) for number in range(3)]

    return song


def _menu(client: Client) -> app_commands.ContextMenu:
    async def listen(interaction: discord.Interaction, message: discord.Message) -> None:
        client.given.append(message)
        await client.answer(interaction)

    return app_commands.ContextMenu(name="Listen", callback=listen)
