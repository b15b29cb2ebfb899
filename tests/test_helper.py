"""Helper processes: bounded, without secrets, and gone when nobody waits for them."""

import asyncio
import errno
import os
import sys
from importlib.metadata import files
from pathlib import Path

import psutil
import pytest

from bot.helper import HelperError, answer, is_want_of_memory

LONG = 60.0


async def test_what_is_given_is_answered() -> None:
    script = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert await answer("-c", script, given=b"abc", seconds=LONG) == b"cba"


async def test_what_it_says_meanwhile_is_heard_line_by_line() -> None:
    script = (
        "import sys; given = sys.stdin.read(); sys.stderr.write('1\\n2\\nno end'); print(len(given), end='')"
    )
    heard = list[bytes]()
    assert await answer("-c", script, given=bytes(300_000), seconds=LONG, told=heard.append) == b"300000"
    assert heard == [b"1", b"2"]


async def test_one_that_does_not_read_may_answer_all_the_same() -> None:
    script = "import sys; sys.stdin.close(); print('ok', end='')"
    assert await answer("-c", script, given=bytes(3_000_000), seconds=LONG) == b"ok"


async def test_one_that_says_very_much_is_read_to_its_end() -> None:
    script = "import sys; sys.stderr.write('x' * 3_000_000 + 'the end'); sys.exit(3)"
    with pytest.raises(HelperError, match=r"ended with 3: x+the end$"):
        await answer("-c", script, given=b"", seconds=LONG)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('no such thing')", "ended with 1: no such thing"),
        ("import os; os.kill(os.getpid(), 9)", "ended with -9"),
        ("", "ended with 0"),
    ],
)
async def test_one_that_fails_is_an_error_with_what_it_said(script: str, said: str) -> None:
    with pytest.raises(HelperError, match=said):
        await answer("-c", script, given=b"", seconds=LONG)


async def test_one_that_takes_too_long_is_ended() -> None:
    with pytest.raises(HelperError, match="took over"):
        await answer("-c", "import time; time.sleep(600)", given=b"", seconds=0.1)
    assert not psutil.Process().children()


async def test_it_has_no_secrets_and_imports_nothing_that_lies_about(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret-of-a-test")
    await asyncio.to_thread((tmp_path / "bot.py").write_text, "print('from the start folder')")
    monkeypatch.chdir(tmp_path)
    script = "import os, bot; print(bot.__file__, *os.environ.values())"
    told = (await answer("-c", script, given=b"", seconds=LONG)).decode()
    assert "secret-of-a-test" not in told
    assert str(tmp_path / "bot.py") not in told


async def test_its_memory_has_a_limit() -> None:
    script = "from bot.helper import be_modest; be_modest(64 << 20); print(len(bytes({size} << 20)), end='')"
    assert await answer("-c", script.format(size=16), given=b"", seconds=LONG) == b"16777216"
    with pytest.raises(HelperError, match="MemoryError"):
        await answer("-c", script.format(size=65), given=b"", seconds=LONG)


IMPORT_AT_THE_LIMIT = """
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from bot.helper import be_modest, is_want_of_memory
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
    script = "import os; from bot.helper import be_modest; be_modest(); print(os.nice(0), end='')"
    told = int(await answer("-c", script, given=b"", seconds=LONG))
    assert told == min(os.nice(0) + 10, 19)
