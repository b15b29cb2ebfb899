"""Folders that end with their process: also with one that was killed."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import bot
from bot.passing_folders import passing_folder, sweep

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


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "kept")
    sweep(PREFIX)
    assert (tmp_path / "kept").exists()
