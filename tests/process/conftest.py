"""Both stand-ins, and a bot that is connected to them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess
from tests.process.nursery import nursery


@pytest.fixture(scope="session")
def _nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with nursery(tmp_path_factory.mktemp("nursery")) as socket:
        yield socket


@pytest.fixture(autouse=True)
def _forked(monkeypatch: pytest.MonkeyPatch, _nursery: Path) -> None:
    """To import everything anew is most of what a bot of a test would do."""
    monkeypatch.setattr(BotProcess, "nursery", _nursery)


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots that import everything themselves, for tests of how they start."""
    monkeypatch.setattr(BotProcess, "nursery", None)


@pytest.fixture
async def kie() -> AsyncIterator[KieServer]:
    """An account whose callbacks are signed."""
    async with KieServer(hmac_key="signing-key") as server:
        yield server


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
async def bot(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, request: pytest.FixtureRequest
) -> AsyncIterator[BotProcess]:
    """A bot that is sent interactions; what it wrote is shown if the test fails."""
    failed_before = request.session.testsfailed
    async with BotProcess(tmp_path / "data", discord, kie, POLL_SECONDS="1") as process:
        await discord.connected()
        yield process
        if request.session.testsfailed > failed_before:
            process.show_output()
