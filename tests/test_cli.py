"""The command as a program of its own: what it says and how it ends."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import mido
import pytest

from bot import cli, hosts, studio
from bot.errors import SettingsError
from bot.playground import one_song
from bot.settings import Settings, load
from bot.studio_access import open_studios
from tests.kie_server import KieServer
from tests.stage import pitches_of, silence, wav

ROOT = Path(__file__).resolve().parent.parent
HOST_SIGNS = {
    "RENDER", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT", "KOYEB_APP_NAME", "FLY_APP_NAME", "DYNO",
}  # fmt: skip
PATIENCE_SECONDS = 90.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int | None
    out: str
    err: str

    @property
    def is_one_line(self) -> bool:
        """Whether it said one thing, to the owner, and no trace."""
        return not self.out and len(self.err.splitlines()) == 1 and self.err.startswith("pianola: ")


async def start(directory: Path, *arguments: str, **settings: str) -> Process:
    """`python -m bot` in a directory, with these settings and none of whoever runs the tests."""
    foreign = {name.upper() for name in Settings.model_fields} | HOST_SIGNS
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=directory,
        env=environment | {"PYTHONPATH": str(ROOT)} | settings,
        stdout=PIPE,
        stderr=PIPE,
    )


async def end_of(process: Process) -> Ended:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, out.decode(), err.decode())


async def pianola(directory: Path, *arguments: str, **settings: str) -> Ended:
    return await end_of(await start(directory, *arguments, **settings))


@asynccontextmanager
async def playground(directory: Path, **settings: str) -> AsyncIterator[tuple[Process, str]]:
    """A playground that is open, and its address."""
    process = await start(directory, **settings)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+\S*", line := await read_line(process))):
                assert line
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def read_line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "Night Drive.wav"
    path.write_bytes(wav((60, 64, 67)))
    return path


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT: must be"),
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
    ("arguments", "sentence"),
    [
        (["missing.mp3", "--out", "out"], "there is no file missing.mp3"),
        ([".", "--out", "out"], ". is a folder; name the files in it, such as Night Drive.wav"),
        (["deep", "--out", "out"], "deep is a folder; name the files in it, such as deep/song.mp3"),
        (["\x1b[2J\u202e.mp3"], "there is no file \\x1b[2J\\u202e.mp3"),
        (
            ["Night Drive.wav", "--task-id", "x", "--out", "out"],
            "try wants either audio files or a --task-id",
        ),
        (["--out", "out"], "try wants either audio files or a --task-id"),
        (["Night Drive.wav", "--out", "Night Drive.wav"], "--out: Night Drive.wav cannot be written"),
        (["Night Drive.wav", "--out", "Night Drive.wav/x"], "--out: Night Drive.wav/x cannot be written"),
    ],
)
async def test_what_cannot_be_tried_is_said_before_any_work(
    song: Path, arguments: list[str], sentence: str
) -> None:
    (song.parent / "deep").mkdir()
    ended = await pianola(song.parent, "try", *arguments)
    assert ended.code == 2
    assert ended.is_one_line, ended.err
    assert ended.err.startswith(f"pianola: {sentence}")
    assert not (song.parent / "out").exists()


@pytest.mark.parametrize(
    ("place", "fragment"), [([], "give another folder as --out"), (["--out", "out"], "--out: out")]
)
def test_where_nothing_may_be_written_that_is_said_before_any_work(
    song: Path,
    place: list[str],
    fragment: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def never(*_given: object) -> None:
        raise AssertionError("there was work")

    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and may(path, mode))
    monkeypatch.setattr(one_song, "attempt", never)
    monkeypatch.chdir(song.parent)
    with pytest.raises(SystemExit) as caught:
        cli.main(["try", song.name, *place])
    assert caught.value.code == 2
    assert fragment in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["try", "--\x1b[2Ja.mp3"], ["sing"], ["studio", "--port", "99999"]])
async def test_a_wrong_command_shows_how_it_is_used(tmp_path: Path, arguments: list[str]) -> None:
    ended = await pianola(tmp_path, *arguments)
    assert ended.code == 2
    assert ended.err.startswith("usage: pianola")
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("words.mp3", b"these are words " * 99, "`words.mp3` is not an audio file that I know."),
        ("empty.wav", b"", "`empty.wav` is empty."),
        ("quiet.wav", silence(2), "I heard no notes in this."),
    ],
)
async def test_a_song_that_gives_nothing_is_a_sentence_and_code_1(
    tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(data)
    ended = await pianola(tmp_path, "try", name, "--out", "out")
    assert ended.code == 1
    assert sentence in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert not ended.out
    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "data").exists()


async def test_several_files_are_the_stems_of_one_song(tmp_path: Path) -> None:
    for name, pitches in (("Sea - bass.wav", (36, 38, 40)), ("Sea - lead.wav", (72, 74))):
        (tmp_path / name).write_bytes(wav(pitches))
    ended = await pianola(tmp_path, "try", "Sea - bass.wav", "Sea - lead.wav", "--out", "deep/out")
    assert (ended.code, ended.err.splitlines()[0]) == (0, "starting …")
    assert "2 instruments" in ended.out
    assert ended.out.rstrip().endswith("Saved in deep/out")
    out = tmp_path / "deep" / "out"
    assert [track.name for track in mido.MidiFile(out / "Sea.mid").tracks] == ["Sea", "bass", "lead"]
    reply = json.loads((out / "reply.json").read_text(encoding="utf-8"))
    assert set(reply) == {"content", "embeds", "attachments", "components"}
    assert reply["embeds"][0]["title"] == "Sea"
    assert "bass" in reply["embeds"][0]["description"]
    listed = {file["name"]: file for file in reply["attachments"]}
    assert {path.name for path in out.iterdir()} == {*listed, "reply.json"}
    assert all(file["size"] == (out / name).stat().st_size for name, file in listed.items())
    assert listed["Sea.mid"]["description"].startswith("MIDI file: 2 instruments (bass, lead)")


async def test_without_a_place_its_files_are_written_beside_the_song_and_over_nothing(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    (songs / "Sea\u202e\x1b[2J.wav").write_bytes(wav((60, 64)))
    (songs / "Sea-2J.mid").write_bytes(b"mine")
    ended = await pianola(tmp_path, "try", "songs/Sea\u202e\x1b[2J.wav")
    assert ended.code == 0, ended.err
    saved = [tmp_path / line.removeprefix("Saved ") for line in ended.out.splitlines() if "Saved " in line]
    assert {path for path in songs.iterdir() if path.suffix != ".wav"} == {songs / "Sea-2J.mid", *saved}
    (midi,) = (path for path in saved if path.suffix == ".mid")
    assert pitches_of(mido.MidiFile(midi)) == [60, 64]
    assert (songs / "Sea-2J.mid").read_bytes() == b"mine"
    assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)


async def test_a_finished_separation_is_tried_by_its_id(tmp_path: Path, kie: KieServer) -> None:
    at_kie = {"KIE_API_KEY": kie.key, "KIE_API_URL": kie.url, "KIE_UPLOAD_URL": kie.url}
    task_id = kie.add_separation().id
    ended = await pianola(tmp_path, "try", "--task-id", task_id, **at_kie)
    assert ended.code == 0, ended.err
    (file,) = await asyncio.to_thread(lambda: [*tmp_path.glob("*.mid")])
    assert pitches_of(mido.MidiFile(file)) == [60, 64, 73]
    unknown = await pianola(tmp_path, "try", "--task-id", "nobody", "--out", "none", **at_kie)
    assert unknown.code == 1
    assert "The studio knows no finished separation with that id," in unknown.err
    assert kie.key not in ended.out + ended.err + unknown.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_the_playground_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async with playground(tmp_path) as (process, _):
        process.send_signal(number)
        ended = await end_of(process)
    assert (ended.code, ended.err) == (0, "")


async def test_a_signal_ends_a_try_and_leaves_nothing_behind(
    tmp_path: Path, song: Path, kie: KieServer
) -> None:
    kie.work_seconds = None
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = await start(
        tmp_path, "try", song.name, "--out", "out",
        KIE_API_KEY=kie.key, KIE_API_URL=kie.url, KIE_UPLOAD_URL=kie.url, TMPDIR=str(temporary),
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while b"separating" not in (line := await process.stderr.readline()):
            assert line
    process.terminate()
    ended = await end_of(process)
    assert ended.code == 143
    assert "Traceback" not in ended.err
    assert list(temporary.iterdir()) == []


async def test_a_second_one_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    async with playground(tmp_path):
        second = await pianola(tmp_path)
    assert second.code == 2
    assert second.is_one_line, second.err
    assert second.err.startswith("pianola: DATA_DIR: another Pianola is already working in data.")


async def test_a_try_may_run_beside_a_playground(tmp_path: Path, song: Path) -> None:
    async with playground(tmp_path):
        ended = await pianola(tmp_path, "try", song.name, "--out", "out")
    assert ended.code == 0, ended.err
    assert (tmp_path / "out" / "Night-Drive.mid").exists()


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
