"""Folders that end with their process: also with one that was killed."""

import asyncio
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import ModuleType

import pytest

import bot
from bot.passing_folders import passing_folder, passing_folder_aside, sweep

PREFIX = "pianola-test-"

_KILLED = f"""
import os
from bot.passing_folders import passing_folder
with passing_folder({PREFIX!r}) as folder:
    (folder / "song.wav").write_bytes(b"sound")
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_it_is_its_owners_alone_and_ends_with_the_block(tmp_path: Path) -> None:
    with passing_folder(PREFIX) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "song.wav").write_bytes(b"sound")
    assert not folder.exists()


def test_what_a_killed_process_left_is_taken_away_and_what_is_in_use_stays(tmp_path: Path) -> None:
    root = Path(bot.__file__).parent.parent
    killed = subprocess.run([sys.executable, "-c", _KILLED], cwd=root, check=False)  # noqa: S603 (our own words)
    assert killed.returncode == -9
    (left,) = tmp_path.glob(f"{PREFIX}*")
    with passing_folder(PREFIX) as used:
        sweep(PREFIX)
        assert not left.exists()
        assert used.exists()


@pytest.mark.parametrize("moment", [os, fcntl], ids=["before it is opened", "before it is locked"])
def test_a_sweep_between_making_and_locking_takes_no_folder_of_ours(
    monkeypatch: pytest.MonkeyPatch, moment: ModuleType
) -> None:
    name = "open" if moment is os else "flock"
    done = getattr(moment, name)
    swept: list[bool] = []

    def sweep_first(*given: int, **named: int) -> object:
        if not swept:
            swept.append(True)
            sweep(PREFIX)
        return done(*given, **named)

    monkeypatch.setattr(moment, name, sweep_first)
    with passing_folder(PREFIX) as folder:
        assert folder.is_dir()


def test_where_nothing_can_be_made_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError), passing_folder(PREFIX):
        pass


async def test_a_cancel_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on, is_made = threading.Event(), threading.Event()
    make = tempfile.mkdtemp

    def slow(prefix: str) -> str:
        made = make(prefix=prefix)
        is_made.set()
        may_go_on.wait(30)
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", slow)

    async def use() -> None:
        async with passing_folder_aside(PREFIX):
            raise AssertionError("it was cancelled before")

    using = asyncio.create_task(use())
    await asyncio.to_thread(is_made.wait)
    using.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert list(await asyncio.to_thread(os.listdir, tmp_path)) == []


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "kept")
    sweep(PREFIX)
    assert (tmp_path / "kept").exists()
