"""During a deploy a process of the version before works on the database that this one has brought up to date."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess
from tests.process.nursery import ROOT
from tests.process.test_bot import has_result

FORMER = "2df6e7cbf500"
"""The commit before the tables changed last; a later change of them takes a later commit."""

PATIENCE_SECONDS = 60.0


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The code of the version before, where the repository's history is there."""
    packed = subprocess.run(  # noqa: S603 (fixed words)
        ["git", "archive", FORMER, "bot", "cogs", "tests"],  # noqa: S607 (the git of whoever runs the tests)
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if packed.returncode:
        pytest.skip(f"the history of the repository does not go back to {FORMER}")
    folder = tmp_path / "former"
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


async def test_the_version_before_goes_on_working(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, postgres_url: str, former: Path
) -> None:
    before = BotProcess(tmp_path / "before", discord, kie, DATABASE_URL=postgres_url, PYTHONPATH=str(former))
    now = BotProcess(tmp_path / "now", discord, kie, DATABASE_URL=postgres_url)
    async with before:
        await before.wait_health("/readyz", 200, within_seconds=PATIENCE_SECONDS)
        async with now:
            await now.wait_health("/readyz", 200, within_seconds=PATIENCE_SECONDS)
            together = await discord.slash("midi", task_id=kie.add_separation().id)
            await discord.until(lambda: has_result(together), within_seconds=PATIENCE_SECONDS)
            assert await now.terminate() == 0
        alone = await discord.slash("midi", task_id=kie.add_separation().id)
        await discord.until(lambda: has_result(alone), within_seconds=PATIENCE_SECONDS)
        assert await before.terminate() == 0
        assert "Traceback" not in before.output() + now.output()
