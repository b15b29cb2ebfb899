"""The page driver against a bot as small as can be: one command, a slow answer with a file."""

import asyncio
import contextlib
import io
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import simcord
from discord import app_commands
from selenium.common.exceptions import TimeoutException

from tests.pages import chromium as page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not page.BROWSER.exists(), reason="needs Chromium (Debian: chromium, chromium-driver)"
    ),
]

FILE = b"MThd\x00\x00\x00\x06"


class EchoBot(discord.Client):
    """`/midi [url] [song]` answers with what was sent, and a file."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        self.tree.command(name="midi", description="Say what was sent")(self._midi)
        await self.tree.sync()

    async def _midi(
        self,
        interaction: discord.Interaction,
        url: str = "",
        song: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        sent = f"{song.filename} of {len(await song.read())} bytes" if song else "no file"
        await interaction.edit_original_response(
            content=f"{sent}, {url}",
            attachments=[discord.File(io.BytesIO(FILE), "song.mid")],
        )


@contextlib.asynccontextmanager
async def channel_page() -> AsyncIterator[str]:
    mimetypes.add_type("application/x-midi", ".mid")
    async with simcord.run(EchoBot()) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("music")
        alice = guild.add_member(env.create_user("alice"))
        async with env.preview(channel, viewers=[alice], layout="channel", port=0) as preview:
            yield preview.url


def ask_and_download(address: str, song: Path, picture: Path) -> tuple[str, bytes]:
    with page.chromium(address) as browser:
        page.type_command(browser, "midi")
        page.attach(browser, "song", song)
        page.fill(browser, "url", "https://example.com/a.mp3")
        page.send(browser)
        answer = page.wait_for_reply(browser, "of 12 bytes", timeout=20)
        page.screenshot(browser, picture)
        return answer, page.download(browser, r"song\.mid").read_bytes()


async def test_a_command_with_a_file_is_sent_and_its_answer_downloaded(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(bytes(12))
    async with channel_page() as address:
        answer, file = await asyncio.to_thread(ask_and_download, address, song, tmp_path / "page.png")
    assert "song.wav of 12 bytes, https://example.com/a.mp3" in answer
    assert file == FILE
    assert (tmp_path / "page.png").stat().st_size > 0


def look_for_what_never_comes(address: str) -> None:
    with page.chromium(address) as browser:
        page.wait_for_reply(browser, "an answer to nothing", timeout=0.5)


async def test_an_answer_that_does_not_come_is_told_with_what_the_page_shows() -> None:
    async with channel_page() as address:
        with pytest.raises(TimeoutException, match=r"(?s)an answer to nothing.*music"):
            await asyncio.to_thread(look_for_what_never_comes, address)
