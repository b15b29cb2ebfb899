"""The transcriber's process from the service's side, also where it dies, hangs or talks nonsense."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.kie.song_errors import SongCrashedError, SongStalledError
from bot.studio.worker import SongRefusedError, Worker
from tests.studio import sounds
from tests.studio.conftest import eventually

MOST_SECONDS = 60.0


@pytest.fixture
async def worker(studio_cache: Path) -> AsyncIterator[Worker]:
    running = Worker(studio_cache)
    yield running
    await running.stop()


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    path.write_bytes(sounds.wav_bytes(sounds.melody()))
    return path


def measuring(path: Path) -> dict[str, Any]:
    return {"do": "measure", "path": str(path), "limit_seconds": 60.0}


def pretend(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a script in the transcriber's place."""
    monkeypatch.setattr("bot.studio.worker.COMMAND", ("-c", script))


async def test_nothing_runs_before_it_is_needed(worker: Worker) -> None:
    assert worker.pid is None
    await worker.stop()


async def test_one_process_answers_one_request_after_the_other(worker: Worker, song: Path) -> None:
    first = await worker.ask(measuring(song), timeout_seconds=MOST_SECONDS)
    pid = worker.pid
    second = await worker.ask(measuring(song), timeout_seconds=MOST_SECONDS)

    assert first == second == {"seconds": pytest.approx(4.05, abs=0.01)}
    assert worker.pid == pid


async def test_a_refusal_is_passed_on_and_the_process_stays(
    worker: Worker, tmp_path: Path, song: Path
) -> None:
    await asyncio.to_thread((tmp_path / "text").write_bytes, b"text")

    with pytest.raises(SongRefusedError, match="not an audio file") as refused:
        await worker.ask(measuring(tmp_path / "text"), timeout_seconds=MOST_SECONDS)
    pid = worker.pid

    assert refused.value.number == 422
    await worker.ask(measuring(song), timeout_seconds=MOST_SECONDS)
    assert worker.pid == pid


async def test_what_it_does_not_know_is_a_crash_of_this_song_only(
    worker: Worker, tmp_path: Path, song: Path
) -> None:
    with pytest.raises(SongCrashedError) as crashed:
        await worker.ask(measuring(tmp_path / "missing"), timeout_seconds=MOST_SECONDS)

    assert "FileNotFoundError" in crashed.value.detail
    await worker.ask(measuring(song), timeout_seconds=MOST_SECONDS)


@pytest.mark.parametrize("song_mb", [1, 2, 5])
async def test_a_song_that_wants_more_memory_than_it_may_have_is_told(
    tmp_path: Path, studio_cache: Path, song: Path, song_mb: int
) -> None:
    """Where it fails depends on the limit, and on the Python: in a library's import, the network's load, or an array."""
    worker = Worker(studio_cache, song_mb=song_mb)
    request = measuring(song) | {
        "do": "transcribe",
        "instrument": "Acoustic Grand Piano",
        "drum_kit": False,
        "out": str(tmp_path / "out.json"),
    }
    try:
        with pytest.raises(SongRefusedError, match="more memory than I have"):
            await worker.ask(request, timeout_seconds=MOST_SECONDS)
        # What it holds by now it would not have for the next song.
        assert worker.pid is None
    finally:
        await worker.stop()


async def test_the_process_has_none_of_our_secrets(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "example-token")
    pretend(monkeypatch, "import json, os; input(); print(json.dumps(dict(os.environ)), flush=True); input()")

    environment = await worker.ask({"do": "measure"}, timeout_seconds=MOST_SECONDS)

    assert "DISCORD_TOKEN" not in environment
    assert "PYTHONPATH" in environment


@pytest.mark.parametrize(
    "script",
    ["", "import os; input(); os.abort()", "input(); print('half a line', end='', flush=True)"],
    ids=["ends at once", "is aborted", "ends in the middle"],
)
async def test_a_process_that_ends_is_a_crash(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    pretend(monkeypatch, script)

    with pytest.raises(SongCrashedError):
        await worker.ask({"do": "measure"}, timeout_seconds=MOST_SECONDS)

    assert worker.pid is None


async def test_how_a_process_ended_is_told_although_its_pipe_closes_first(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, "import os, time; input(); os.close(1); time.sleep(0.3); os._exit(3)")

    with pytest.raises(SongCrashedError, match="ended with 3"):
        await worker.ask({"do": "measure"}, timeout_seconds=MOST_SECONDS)


async def test_a_process_that_says_no_more_and_stays_is_ended(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.worker._LAST_MOMENT_SECONDS", 0.05)
    pretend(monkeypatch, "import os, signal; input(); os.close(1); signal.pause()")

    with pytest.raises(SongCrashedError):
        await worker.ask({"do": "measure"}, timeout_seconds=MOST_SECONDS)

    assert worker.pid is None


async def test_a_process_that_hangs_is_ended(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "import signal; signal.pause()")

    with pytest.raises(SongStalledError):
        await worker.ask({"do": "measure"}, timeout_seconds=0.05)

    assert worker.pid is None


PROGRESS = """
import json, time
input()
for part in (0, 0.5, 1):
    print(json.dumps({"progress": part}), flush=True)
    time.sleep(float("%s"))
print(json.dumps({"seconds": 2.0}), flush=True)
input()
"""


async def test_a_process_that_goes_on_is_waited_for(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, PROGRESS % 0)

    answer = await worker.ask({"do": "x"}, timeout_seconds=MOST_SECONDS, silent_seconds=MOST_SECONDS)

    assert answer == {"seconds": 2.0}


async def test_a_process_that_stops_going_on_is_ended(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, PROGRESS % 600)

    with pytest.raises(SongStalledError):
        await worker.ask({"do": "x"}, timeout_seconds=MOST_SECONDS, silent_seconds=1.0)

    assert worker.pid is None


async def test_giving_up_ends_the_process(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "import signal; signal.pause()")
    asking = asyncio.create_task(worker.ask({"do": "measure"}, timeout_seconds=MOST_SECONDS), name="asking")
    await eventually(lambda: worker.pid is not None)
    pid = worker.pid or 0

    asking.cancel()
    await asyncio.wait([asking])

    assert worker.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_process_ends_when_the_service_is_gone(studio_cache: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.studio.engines",
        str(studio_cache),
        "300",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    process.stdin.close()

    async with asyncio.timeout(30):
        assert await process.wait() == 0
    process._transport.close()  # type: ignore[attr-defined]  # asyncio closes an unread pipe only at collection
