"""The log as it is written: one line an event, on standard error, from the level on that was asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import logging, sys, structlog
from bot import logs
logs.configure(sys.argv[1])
log = structlog.get_logger("bot.example")
log.debug("debugged")
log.info("informed", job="j1", text='two words "quoted"', lines="one\\ntwo", is_done=True, nothing=None)
log.warning("warned")
try:
    raise ValueError("line one\\nline two")
except ValueError:
    log.exception("raised")
logging.getLogger("discord").info("library informs")
logging.getLogger("discord").warning("library warns")
"""


def written(level: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 (the program is ours)
        [sys.executable, "-c", PROGRAM, level],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_an_event_is_one_line_whatever_is_in_it() -> None:
    lines = written("INFO")
    assert len(lines) == 4
    informed, warned, raised, library = lines
    assert informed.startswith("timestamp=20")
    assert "level=info event=informed job=j1" in informed
    assert r"lines=one\ntwo" in informed
    assert "is_done=true" in informed
    assert "level=warning event=warned" in warned
    assert "level=error event=raised" in raised
    assert "ValueError" in raised
    assert library.endswith("WARNING discord library warns")


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("DEBUG", ["debugged", "informed", "warned", "raised", "library warns"]),
        ("WARNING", ["warned", "raised", "library warns"]),
        ("ERROR", ["raised"]),
    ],
)
def test_what_is_beneath_the_level_is_not_written(level: str, events: list[str]) -> None:
    lines = written(level)
    assert len(lines) == len(events)
    assert all(event in line for event, line in zip(events, lines, strict=True))
