"""Ends the bot at a commit, from within: `watch` in its process, the rest in the test's."""

import os
import signal
from functools import partial
from pathlib import Path

from bot.jobs.storage.databases import commits

BEFORE, AFTER = "before", "after"


def watch(directory: Path) -> None:
    """Write each passed commit down, and end this process where the trap says so."""
    for moment in (BEFORE, AFTER):
        setattr(commits, moment, partial(_pass, directory, moment))


def _pass(directory: Path, moment: str, point: str) -> None:
    # Whoever reads that it was passed knows by the trap whether this is the end.
    is_end = _springs(directory / "trap", f"{moment}:{point}")
    with (directory / "passed").open("a") as passed:
        passed.write(f"{moment}:{point}\n")
    if is_end:
        os.kill(os.getpid(), signal.SIGKILL)


def _springs(trap: Path, here: str) -> bool:
    if not trap.exists():
        return False
    where, _, count = trap.read_text().rpartition(":")
    if where != here:
        return False
    if int(count) > 1:
        trap.write_text(f"{where}:{int(count) - 1}")
        return False
    trap.unlink()
    return True


def set_trap(directory: Path, moment: str, point: str, count: int) -> None:
    """Let the bot end at the `count`th passing of a commit from now on: `before` or `after` it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "trap").write_text(f"{moment}:{point}:{count}")


def is_sprung(directory: Path) -> bool:
    """Whether the bot ends now, after the trap was set."""
    return not (directory / "trap").exists()


def take_trap_away(directory: Path) -> None:
    (directory / "trap").unlink(missing_ok=True)


def passed(directory: Path) -> list[str]:
    """The commits that were passed, in order, each as `before:POINT` and `after:POINT`."""
    file = directory / "passed"
    return file.read_text().splitlines() if file.exists() else []
