"""What is offered while somebody types."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.jobs.model import Job
from bot.jobs.storage.kept_songs import KeptSongs
from tests.kie_server import KieServer
from tests.stage import pianola_at


async def test_while_the_database_is_away_nothing_is_offered_and_one_line_says_so(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def away(*_: object) -> list[Job]:
        problem = sqlite3.OperationalError("database is locked")
        problem.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("SELECT", {}, problem)

    async with pianola_at(kie, tmp_path) as stage:
        monkeypatch.setattr(KeptSongs, "search", away)
        monkeypatch.setattr(KeptSongs, "separations", away)
        for command, option in (("midis", "song"), ("midi", "task_id")):
            capfd.readouterr()
            assert await stage.world.person.autocomplete(stage.world.channel, command, option, "") == []
            logged = "".join(capfd.readouterr())
            assert logged.count("\n") == 1
            assert "autocomplete.nothing" in logged
