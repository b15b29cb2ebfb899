"""The command as a program of its own: what it says and how it ends."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from bot import cli, hosts, logs, studio
from bot.errors import SettingsError
from bot.settings import load
from bot.studio_access import open_studios
from tests.commands import HOST_SIGNS, PATIENCE_SECONDS, end_of, pianola, playground, start

EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT: eighty is no port; ports are 0 to 65535"),
        ({"STUDIO": "kie"}, "KIE_API_KEY is missing"),
        ({"KIE_API_KEY": "hunter2 hunter2"}, "KIE_API_KEY: must be one word"),
        ({"RENDER": "1"}, "DISCORD_TOKEN is missing: set it in Render's variables"),
        ({"DYNO": "web.1", "DISCORD_TOKEN": ""}, "DISCORD_TOKEN is missing: set it in Heroku's variables"),
        ({"DISCORD_TOKEN": "a.b.c", "HOST": "no such host", "PORT": "0"}, "HOST: no such host is no address"),
        ({"PORT": "8080"}, "DISCORD_TOKEN is missing: PORT is set, as hosts do"),
        ({"PORT": "8080", "HOST": "192.0.2.1"}, "DISCORD_TOKEN is missing: PORT is set, as hosts do"),
        ({"DATABASE_URL": "mysql://hunter2@x/y"}, "DATABASE_URL: mysql is not supported"),
    ],
)
async def test_a_wrong_setting_is_one_line_and_code_2(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    ended = await pianola(tmp_path, **settings)
    assert ended.code == 2
    assert ended.is_one_line, ended.err
    assert ended.err.startswith(f"pianola: {sentence}")
    assert "hunter2" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["try", "--\x1b[2Ja.mp3"],
        ["sing"],
        ["studio", "--port", "99999"],
        ["try", "a.mp3", "--out", ""],
        ["try", "--task-id", "x", "--track", "-1"],
        ["try", "--task-id", "x", "--track", "0"],
    ],
)
async def test_a_wrong_command_shows_how_it_is_used(tmp_path: Path, arguments: list[str]) -> None:
    ended = await pianola(tmp_path, *arguments)
    assert ended.code == 2
    assert ended.err.startswith("usage: pianola")
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err


async def test_all_that_a_worker_lacks_is_told_together(tmp_path: Path) -> None:
    ended = await pianola(tmp_path, "worker")
    assert ended.code == 2
    told = [line.split()[1] for line in ended.err.splitlines()]
    assert told == ["DISCORD_TOKEN", "DATABASE_URL", "KIE_API_KEY"]


async def test_the_doctor_tells_each_wrong_setting_with_what_to_do(tmp_path: Path) -> None:
    ended = await pianola(tmp_path, "doctor", "--json", PORT="abc", KEEP_DAYS="0")
    assert ended.code == 2
    port, days = json.loads(ended.out)["findings"]
    assert port["found"] == "PORT: abc is no port; ports are 0 to 65535"
    assert port["do"].startswith("Correct PORT")
    assert days["do"].startswith("Correct KEEP_DAYS")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_wait_for_a_database(tmp_path: Path, number: signal.Signals) -> None:
    process = await start(
        tmp_path, HOST="127.0.0.1", STOP_SECONDS="5", DATABASE_URL="postgres://u:hunter2@127.0.0.1:1/x"
    )
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        told = (await process.stderr.readline()).decode()
    assert "Pianola waits for it and tries again" in told
    assert "take DATABASE_URL out" in told
    process.send_signal(number)
    ended = await end_of(process)
    assert ended.code == 0, ended.err
    assert "hunter2" not in told + ended.err
    assert "Traceback" not in ended.err


async def test_a_damaged_database_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pianola.sqlite3").write_bytes(bytes(range(256)) * 64)
    ended = await pianola(tmp_path, HOST="127.0.0.1")
    assert ended.code == 2
    assert ended.is_one_line, ended.err
    assert "is damaged" in ended.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_the_playground_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async with playground(tmp_path) as (process, _):
        process.send_signal(number)
        ended = await end_of(process)
    assert (ended.code, ended.err) == (0, "")


async def test_a_second_one_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    async with playground(tmp_path):
        second = await pianola(tmp_path)
    assert second.code == 2
    assert second.is_one_line, second.err
    assert second.err.startswith("pianola: DATA_DIR: another Pianola is already working in data.")


@pytest.mark.parametrize("arguments", [[], ["studio", "--port", "PORT"]])
async def test_a_port_in_use_is_a_sentence(tmp_path: Path, arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = [word.replace("PORT", port) for word in arguments]
        ended = await pianola(tmp_path, *given, HOST="127.0.0.1", PORT=port, LOG_LEVEL="ERROR")
    assert ended.code == 2
    assert ended.is_one_line, ended.err
    assert port in ended.err


@pytest.fixture
def _no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for sign in HOST_SIGNS:
        monkeypatch.delenv(sign, raising=False)


@pytest.mark.usefixtures("_no_host")
@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ({}, {}, ("127.0.0.1", 8080)),
        ({"public_base_url": "https://pianola.example"}, {}, ("127.0.0.1", 8080)),
        ({"port": "9000"}, {}, (EVERYWHERE, 9000)),
        ({"port": "0", "host": "::1"}, {}, ("::1", 0)),
        ({"host": EVERYWHERE}, {}, (EVERYWHERE, 8080)),
        ({}, {"FLY_APP_NAME": "pianola"}, (EVERYWHERE, 8080)),
    ],
)
def test_only_a_host_is_listened_to_from_outside(
    given: dict[str, str],
    environment: dict[str, str],
    expected: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.listening_at(load(None, **given)) == expected


def test_a_container_is_listened_to_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "is_container_service", lambda _: True)
    assert cli.listening_at(load(None)) == (EVERYWHERE, 8080)


def test_in_a_container_no_page_opens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hosts, "is_container_service", lambda _: True)
    # The log of this process goes on as it is.
    monkeypatch.setattr(logs, "configure", lambda *_given, **_named: None)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("pianola: DISCORD_TOKEN is missing: set it for this container")


@pytest.mark.usefixtures("_no_host")
@pytest.mark.parametrize(
    ("given", "environment", "seconds"),
    [
        ({}, {}, 20),
        ({}, {"FLY_APP_NAME": "pianola"}, 4),
        ({"stop_seconds": "25"}, {"FLY_APP_NAME": "pianola"}, 25),
    ],
)
def test_how_long_stopping_may_take_is_a_setting(
    given: dict[str, str], environment: dict[str, str], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.grace_seconds(load(None, **given)) == seconds


async def test_a_token_alone_without_the_studio_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "find_spec", lambda _: None)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SettingsError) as caught:
            async with open_studios(load(None, discord_token="a.b.c"), session, None):
                pytest.fail("it started")
    assert caught.value.problem.startswith(
        "this installation has no built-in studio: set KIE_API_KEY or STUDIO_URL, or use the image"
    )
