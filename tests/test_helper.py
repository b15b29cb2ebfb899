"""Helper processes: bounded, without secrets, and gone when nobody waits for them."""

import asyncio
from pathlib import Path

import pytest

from bot.helper import HelperError, answer
from tests.left_running import children

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
    assert not children()


async def test_it_looks_for_fonts_where_the_bot_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    script = "from bot.music.roll.typefaces import FOLDERS; print(*FOLDERS)"
    assert f"{tmp_path}/.fonts" in (await answer("-c", script, given=b"", seconds=LONG)).decode()


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
