"""Run some tests of a tree in a process of its own that need not import what never changes."""

import importlib
import os
import signal
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

_OURS = ("bot", "cogs", "tests", "conftest")

_HEAVY = (
    *(
        "aiohttp.test_utils",
        "aiohttp.web",
        "alembic.command",
        "blockbuster",
        "discord.ext.commands",
        "hypothesis",
    ),
    *("mido", "msgspec", "procrastinate", "psycopg_pool", "pydantic_settings", "sqlalchemy.ext.asyncio"),
    *("prometheus_client", "stamina", "structlog", "babel.messages.pofile"),
)
"""Packages of others that most tests import: four of the six seconds of processor time that a run of one test took."""

_LOOK_SECONDS = 0.05


@cache
def _import_what_never_changes() -> None:
    for name in _HEAVY:
        importlib.import_module(name)


def fails(tree: Path, tests: list[str], patience: float) -> bool:
    """Whether one of these tests fails, or they take longer than this."""
    _import_what_never_changes()
    child = os.fork()
    if not child:
        _run(tree, tests)
    until = time.monotonic() + patience
    try:
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status) != 0
            time.sleep(_LOOK_SECONDS)
        return True
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # and whatever it started
        with suppress(ChildProcessError):
            os.waitpid(child, 0)


def _run(tree: Path, tests: list[str]) -> None:
    status = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        os.chdir(tree)
        here = str(Path(__file__).resolve().parent.parent.parent)
        sys.path[:] = [str(tree), *(path for path in sys.path if path not in {"", here})]
        os.environ["PYTHONPATH"] = str(tree)  # for the processes that tests start
        sys.dont_write_bytecode = False
        for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
            del sys.modules[name]
        status = pytest.main([*PYTEST, "-x", *tests])
    finally:
        os._exit(status)


PYTEST = (
    *("-q", "-n", "0", "--dist=no", "-p", "no:cacheprovider"),
    "--timeout=0",  # patience is what counts
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of what was imported before
)
