"""How helper processes behave: with a limit for memory, behind everybody else, and with nothing that only the bot needs."""

import errno
import os
import sys
from importlib.metadata import files

import pytest

from bot.helper import HelperError, answer
from bot.modest import is_want_of_memory

LONG = 60.0

OF_THE_BOT = ("aiohttp", "asyncio", "discord", "sqlalchemy", "structlog")
"""What only the bot needs: each is 3 to 25 MB, and several helpers are at work at once."""


@pytest.mark.parametrize(
    "module",
    [
        "bot.audio.small_cover",
        "bot.jobs.work.__main__",
        "bot.music.read.decode",
        "bot.music.read.wish",
        "bot.score.__main__",
        "bot.score.guitar_pro",
        "bot.sound.__main__",
        "bot.studio.engines.__main__",
        "bot.video.__main__",
    ],
)
async def test_a_helper_brings_nothing_along_that_only_the_bot_needs(module: str) -> None:
    script = f"import sys, {module}; print('brought:', *sorted(set(sys.modules) & {set(OF_THE_BOT)}))"
    assert await answer("-c", script, given=b"", seconds=LONG) == b"brought:\n"


async def test_its_memory_has_a_limit() -> None:
    script = "from bot.modest import be_modest; be_modest(64 << 20); print(len(bytes({size} << 20)), end='')"
    assert await answer("-c", script.format(size=16), given=b"", seconds=LONG) == b"16777216"
    with pytest.raises(HelperError, match="MemoryError"):
        await answer("-c", script.format(size=65), given=b"", seconds=LONG)


IMPORT_AT_THE_LIMIT = """
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from bot.modest import be_modest, is_want_of_memory
held = Path("/proc/self/status").read_text().partition("VmData:")[2].split()[0]
loader = ExtensionFileLoader("numpy", {path!r})
spec = ModuleSpec("numpy", loader, origin={path!r})
be_modest(int(held) << 10)
try:
    loader.create_module(spec)
except ImportError as error:
    print(is_want_of_memory(error), error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is mapped")
async def test_a_library_that_finds_no_room_under_the_limit_is_want_of_memory() -> None:
    numpy = files("numpy") or []
    (library,) = [
        str(p.locate()) for p in numpy if p.name.startswith("_multiarray_umath.") and p.suffix == ".so"
    ]
    told = await answer("-c", IMPORT_AT_THE_LIMIT.format(path=library), given=b"", seconds=LONG)
    assert told.decode().startswith("True ")
    assert library in told.decode()


def raised_from(cause: BaseException) -> BaseException:
    error = ValueError("this file cannot be read")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"), True),
        (raised_from(MemoryError()), True),
        (ImportError("No module named 'numpy'"), False),
        (OSError(errno.ENOENT, "No such file or directory"), False),
        (raised_from(KeyError("notes")), False),
        (ValueError("Allocation.mid is no MIDI file"), False),
    ],
)
def test_what_fails_for_memory_is_told_from_what_fails(error: BaseException, *, is_it: bool) -> None:
    assert is_want_of_memory(error) is is_it


async def test_a_helper_takes_the_core_last() -> None:
    script = "import os; from bot.modest import be_modest; be_modest(); print(os.nice(0), end='')"
    told = int(await answer("-c", script, given=b"", seconds=LONG))
    assert told == min(os.nice(0) + 10, 19)


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends processes for want of memory in an order"
)
async def test_a_helper_goes_before_the_bot_where_memory_is_full() -> None:
    script = "print(open('/proc/self/oom_score').read(), end='')"
    modest = f"from bot.modest import be_modest; be_modest(); {script}"
    helper, other = [int(await answer("-c", one, given=b"", seconds=LONG)) for one in (modest, script)]
    assert helper > other
