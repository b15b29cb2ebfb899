"""The log as it is written: one line an event, on standard error, from the level on that was asked for."""

import json
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


HOSTILE = {
    "escape": "\x1b[2J",
    "carriage return": "\rtimestamp=now level=info event=nothing",
    "line end": "\ntimestamp=now",
    "line separator": "\u2028\x85",
    "right to left": "\u202e\u2066",
    "nothing": "\0\x7f\u200b",
    "half a character": "\ud800",
}

HOSTILE_PROGRAM = """
import json, logging, sys, warnings, structlog
from bot import logs
logs.configure("INFO")
text = json.loads(sys.argv[1])
structlog.get_logger("bot.example").info("event " + text, title=text, several=[text], **{"a": Exception(text)})
logging.getLogger("discord").warning("library says %s", text)
warnings.warn(text)
try:
    raise ValueError(text)
except ValueError:
    structlog.get_logger("bot.example").exception("raised")
    logging.getLogger("discord").exception("library raises")
"""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_send_cannot_steer_a_terminal_or_forge_a_line(text: str) -> None:
    done = subprocess.run(  # noqa: S603 (the program is ours)
        [sys.executable, "-c", HOSTILE_PROGRAM, json.dumps(text)],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    *lines, end = done.stderr.decode().split("\n")
    assert end == ""
    assert len(lines) == 5
    assert all(line.isprintable() for line in lines)
    assert all(ascii(sign)[1:-1].lstrip("\\") in lines[0] for sign in text)


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
