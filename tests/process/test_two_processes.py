"""Two bots with one token and a database each, as for a minute at every deploy: one submission, one answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.engines.opening import open_database
from bot.jobs.storage.store import Store
from tests.discord_server import DiscordServer, Fault
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

CALLBACK = "/interactions/*/*/callback"


@pytest.fixture
async def both(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> AsyncIterator[tuple[BotProcess, BotProcess]]:
    """Both are sent every command."""
    settings = {"POLL_SECONDS": "1", "PREVIEW_SECONDS": "0"}
    async with (
        BotProcess(tmp_path / "one", discord, kie, **settings) as one,
        BotProcess(tmp_path / "two", discord, kie, **settings) as two,
    ):
        sessions = discord.gateway.sessions
        await discord.until(lambda: sum(session.socket is not None for session in sessions.values()) == 2)
        yield one, two


@pytest.mark.parametrize(
    ("fault", "nth"),
    [
        (None, 1),
        (Fault("lost"), 1),
        (Fault("drop"), 1),
        (Fault("reset"), 1),
        (Fault("lost"), 2),
        (Fault("drop"), 2),
        (Fault("status", status=502), 1),
        (Fault("status", status=502), 2),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else str(value),
)
async def test_a_command_is_paid_and_answered_once(
    both: tuple[BotProcess, BotProcess], discord: DiscordServer, kie: KieServer, fault: Fault | None, nth: int
) -> None:
    if fault:
        discord.fault("POST", CALLBACK, fault, nth=nth)
    asked = await discord.slash("midi", song=("song.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(60)))
    await discord.until(lambda: asked.original and asked.original.files, within_seconds=30)
    assert await asyncio.gather(*(bot.terminate() for bot in both)) == [0, 0]
    assert [price for _, price in kie.charges if price] == [10.0]
    assert kie.count("generate_midi") == 1
    assert discord.world.messages_in(discord.world.channel) == [asked.original]


async def test_who_was_too_late_keeps_nothing_of_it(
    both: tuple[BotProcess, BotProcess], discord: DiscordServer, kie: KieServer
) -> None:
    asked = await discord.slash("midi", task_id=kie.add_separation().id)
    await discord.until(lambda: asked.original and asked.original.files)
    assert await asyncio.gather(*(bot.terminate() for bot in both)) == [0, 0]
    kept = []
    for bot in both:
        async with open_database(None, bot.data_dir) as database:
            store = Store(database.transactions, database.queue)
            kept.append(await store.newest_of(asked.user.id))
            assert len(await store.opened_since(asked.created_at, user_id=asked.user.id)) == bool(kept[-1])
    assert [job is None for job in kept].count(True) == 1
