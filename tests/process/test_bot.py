"""The unmodified bot as a process, against both stand-ins."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import mido
import pytest

from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
async def kie() -> AsyncIterator[KieServer]:
    async with KieServer(hmac_key="signing-key") as server:
        yield server


async def test_a_finished_separation_becomes_one_midi_file(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    task = kie.add_separation()
    async with BotProcess(tmp_path, discord, kie):
        await discord.connected()
        asked = await discord.slash("midi", task_id=task.id)
        await discord.until(lambda: asked.original and asked.original.files)
    assert asked.original
    midi = mido.MidiFile(file=io.BytesIO(asked.original.file(".mid").data))
    assert len([m for m in midi if m.type == "note_on" and m.velocity]) == 3
    assert discord.world.messages_in(discord.world.channel) == [asked.original]
