"""What holds for every test: loopback only, settings of its own, nothing left running, nothing blocking the loop."""

import asyncio
import inspect
import ipaddress
import math
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy  # noqa: F401, ICN001 (`pytest.approx` looks into it, also while a thread of the bot is half through loading it)
import pytest
from blockbuster import BlockBuster
from hypothesis import settings as hypothesis_settings

from bot.music.roll import typefaces
from bot.settings import Settings
from tests import postgres
from tests.kie_server import KieServer

# Where Python is told to keep nothing that it compiled, as in many containers, each process of pytest compiles for 10 s
# before its first test, and each program that a test starts for 3 s.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Shared machines stall for seconds; a slow example says nothing about the code.
hypothesis_settings.register_profile("pianola", deadline=None)
hypothesis_settings.load_profile("pianola")


SLOW = (
    "chaos",
    "cogs",
    "discord_server",
    "kie_server",
    "pages",
    "playground",
    "process",
    "studio",
    "test_cli.py",
)
"""Under `tests/`: what starts a whole bot, other processes, a browser or a model for each test."""


def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` is: for a quarter of its time a test waits, and one process for each core would leave it idle as long."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return math.ceil(1.5 * cores)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not slow"` is the subset that is run while one writes."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] in SLOW:
            item.add_marker(pytest.mark.slow)


def _refuse_the_world(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise OSError(f"a test reached for {host}")


sys.addaudithook(_refuse_the_world)


@pytest.fixture(autouse=True)
def _no_other_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A picture in a test has the same letters on every machine."""
    monkeypatch.setattr(typefaces, "FOLDERS", ())
    yield
    typefaces.forget()


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of whoever runs the tests are not the tests' settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("_tidy_loop")
    before = set(threading.enumerate())
    yield
    # asyncio's own pool (`to_thread`) ends with the loop, after this.
    started = [
        thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("asyncio_")
    ]
    for thread in started:
        # A closed SQLite connection's thread ends a moment after it says so.
        thread.join(timeout=5)
    left = [thread.name for thread in started if thread.is_alive() and not thread.daemon]
    assert not left, left


_MAY_BLOCK = {
    "<frozen importlib._bootstrap_external>": {"get_data"},
    # simcord's fonts and pictures
    "bot/playground/page.py": {"page", "_publish"},
    # the imports of Alembic, and what it reads: once, before anybody is served
    "bot/jobs/storage/databases/database.py": {"_upgrade"},
    "alembic/command.py": {"downgrade", "upgrade"},
}
"""What reads files in the event loop, by what is called there."""


@pytest.fixture
async def _tidy_loop() -> AsyncIterator[None]:
    blocking = BlockBuster(scanned_modules=["bot", "cogs"])
    for file, functions in _MAY_BLOCK.items():
        for function in blocking.functions.values():
            function.can_block_in(file, functions)
    blocking.activate()
    try:
        yield
    finally:
        blocking.deactivate()
    left = {task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()}
    if left:
        # A server's task for a connection that was just lost ends by itself, a moment later.
        _, left = await asyncio.wait(left, timeout=1)
    assert not left, left


@pytest.fixture
def requires_program() -> Callable[[str], str]:
    """The path of a program; without it the test is skipped, but in CI, which installs it, it fails."""

    def path(name: str) -> str:
        found = shutil.which(name)
        if found is None and os.environ.get("PIANOLA_CI"):
            pytest.fail(f"{name} is missing, and CI installs it")
        if found is None:
            pytest.skip(f"{name} is not installed")
        return found

    return path


@pytest.fixture(scope="session")
def studio_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the transcribers of all tests find the network that the first of them wrote anew."""
    return tmp_path_factory.mktemp("studio-cache")


@pytest.fixture
async def kie() -> AsyncIterator[KieServer]:
    """A kie account on loopback."""
    async with KieServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running Postgres, started when the first test asks for it."""
    with postgres.server() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty Postgres database."""
    with postgres.fresh_database(postgres_server) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of an empty database, once of each kind: one contract, two stores."""
    if request.param == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgres_url")}
