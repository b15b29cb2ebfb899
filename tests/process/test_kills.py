"""A bot that is killed at a commit point, and started again: the result is there once."""

import signal
from pathlib import Path

import pytest

from tests.discord_server import DiscordServer, Message
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess

POINTS = (
    "job added",
    "job woken",
    "job transcribing",
    "callback kept",
    "notes kept",
    "job rendering",
    "job delivering",
    "job done",
    "wake-up followed",
)
"""The commits on the way of a finished separation, in about their order."""

UNACKNOWLEDGED = {("after", "job added")}
"""Killed before Discord had an answer: the result comes as a message of its own."""


def results(discord: DiscordServer) -> list[Message]:
    """Everything that a person can see of a MIDI file, wherever it is."""
    return [
        message for message in discord.world.messages.values() if message.files and not message.is_deleted
    ]


@pytest.mark.chaos
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_at_a_commit_leaves_one_result(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, moment: str, point: str
) -> None:
    bot = BotProcess(tmp_path / "data", discord, kie, POLL_SECONDS="1")
    bot.kill_at = f"{moment} {point}"
    async with bot:
        await discord.connected()
        asked = await discord.slash("midi", task_id=kie.add_separation().id)
        assert await bot.ended() == -signal.SIGKILL
        bot.kill_at = None
        await bot.start()
        is_kept = (moment, point) != ("before", "job added")
        if is_kept:
            await discord.until(lambda: results(discord), within_seconds=40)
        await bot.wait_ready()
        assert await bot.terminate() == 0
    assert len(results(discord)) == is_kept
    assert asked.state == ("answered" if is_kept else "waiting") or (moment, point) in UNACKNOWLEDGED
    assert sum(task.kind == "midi" for task in kie.tasks.values()) <= 2
