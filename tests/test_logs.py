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
logs.configure(sys.argv[1], sys.argv[2], secrets=["hidden word/1", "hide-me-too"])
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


def written(level: str, form: str = "text", program: str = PROGRAM) -> list[str]:
    done = subprocess.run(  # noqa: S603 (the program is ours)
        [sys.executable, "-c", program, level, form],
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
    assert library.startswith("timestamp=20")
    assert library.endswith('level=warning event="library warns" logger=discord')


def test_json_holds_the_same_for_programs() -> None:
    informed, warned, raised, library = (json.loads(line) for line in written("INFO", "json"))
    assert informed["event"] == "informed"
    assert informed["text"] == 'two words "quoted"'
    assert informed["lines"] == "one\ntwo"
    assert (warned["event"], warned["level"]) == ("warned", "warning")
    assert "ValueError: line one" in raised["exception"]
    assert (library["event"], library["logger"], library["level"]) == ("library warns", "discord", "warning")
    assert {"timestamp", "level", "event"} <= library.keys() & informed.keys()


TOLD_OF = """
import asyncio, logging, sys, structlog
from bot import logs
logs.configure(sys.argv[1], sys.argv[2], secrets=["hidden word/1", "hide-me-too", 'hide"too'])
log = structlog.get_logger("bot.example")
with structlog.contextvars.bound_contextvars(job="j1", user=2, server=None):
    log.warning("ours", error=str(TimeoutError()), detail="")
    logging.getLogger("aiohttp").warning("theirs %s", "hidden word/1")
    try:
        raise ValueError("postgresql://me:hidden%20word%2F1@x hide-me-too")
    except ValueError:
        log.exception("raised", title='hide"too')
log.warning("after")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_each_line_names_its_job_and_a_reason_and_no_secret(form: str) -> None:
    ours, theirs, raised, after = written("INFO", form, TOLD_OF)
    for line in (ours, theirs, raised):
        assert "j1" in line
        assert "server" not in line
    assert "j1" not in after
    assert ours.count("no more is known") == 2
    assert "hid" not in theirs + raised
    assert "•••" in theirs or "\\u2022" in theirs


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
logs.configure("INFO", sys.argv[2])
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


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_send_cannot_steer_a_terminal_or_forge_a_line(text: str, form: str) -> None:
    done = subprocess.run(  # noqa: S603 (the program is ours)
        [sys.executable, "-c", HOSTILE_PROGRAM, json.dumps(text), form],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    *lines, end = done.stderr.decode().split("\n")
    assert end == ""
    assert len(lines) == 5
    assert all(line.isprintable() for line in lines)
    if form == "json":
        assert json.loads(lines[0])["title"] == text
    else:
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
