"""The line of tasks: what goes wrong with one song stays with that song."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.kie.song_errors import SongCrashedError, SongStalledError
from bot.studio.callbacks import Callbacks
from bot.studio.store import Store, open_store
from bot.studio.tasks import Kind, State, Task, Upload
from bot.studio.work import MOST_STARTS, Work
from tests.studio.conftest import Inbox, eventually

Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Script:
    """Stands for the worker: does what the test says, one thing for each request, then measures 2 s."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.asked: list[str] = []
        self.then: list[Exception] = []

    async def ask(
        self, request: dict[str, Any], *, timeout_seconds: float, silent_seconds: float
    ) -> dict[str, Any]:
        assert timeout_seconds > 0
        assert silent_seconds > 0
        self.asked.append(request["do"])
        if self.then:
            raise self.then.pop(0)
        if request["do"] == "transcribe":
            result = b'{"state":"complete","instruments":[]}'
            await asyncio.to_thread(Path(request["out"]).write_bytes, result)
        return {"seconds": 2.0}

    async def stop(self) -> None:
        self.pid = None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "studio") as opened:
        yield opened


@pytest.fixture
async def upload(store: Store) -> Upload:
    stored = Upload("a" * 32, "song.wav", 1, "audio/wav", store.now_ms())
    await store.add_upload(stored)
    return stored


@pytest.fixture
def script() -> Script:
    return Script()


@asynccontextmanager
async def working(store: Store, script: Script) -> AsyncIterator[Work]:
    async with ClientSession() as session:
        callbacks = Callbacks(session, hmac_key=None, pauses_seconds=())
        work = Work(
            store,
            callbacks,
            stem_url=lambda task: f"http://stems/{task.id}",
            cache=Path("unused"),
            max_seconds=60,
        )
        work.worker = script  # type: ignore[assignment]  # stands for the process
        running = asyncio.create_task(work.run(), name="work")
        try:
            yield work
        finally:
            running.cancel()
            await asyncio.wait([running])


async def finished(store: Store, script: Script, inbox: Inbox, task: Task, told: int = 1) -> Task:
    async with working(store, script):
        await inbox.wait_for(told)
    kept = await store.task(task.id, task.kind)
    assert kept is not None
    return kept


async def test_one_crash_is_forgiven(store: Store, script: Script, inbox: Inbox, upload: Upload) -> None:
    task = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    script.then = [SongCrashedError("killed")]

    assert (await finished(store, script, inbox, task)).state is State.DONE
    assert script.asked == ["measure", "measure", "transcribe"]


@pytest.mark.parametrize(
    "failures",
    [
        {"transcriber crashed": [SongCrashedError(), SongCrashedError()]},
        {"took far too long": [SongStalledError()]},
        {"could not be transcribed": [RuntimeError("a slip of ours with /a/path in it")]},
    ],
)
async def test_a_song_fails_alone_and_in_words(
    store: Store, script: Script, inbox: Inbox, upload: Upload, failures: dict[str, list[Exception]]
) -> None:
    bad = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    good = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    ((words, script.then),) = failures.items()

    kept = await finished(store, script, inbox, bad, told=2)

    assert kept.state is State.FAILED
    assert words in (kept.error_message or "")
    assert "/a/path" not in (kept.error_message or "")
    after = await store.task(good.id, Kind.MIDI)
    assert after is not None
    assert after.state is State.DONE


async def test_a_song_that_ended_the_whole_program_too_often_is_not_begun_again(
    store: Store, script: Script, inbox: Inbox, upload: Upload
) -> None:
    task = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    for _ in range(MOST_STARTS):
        await store.started(task)

    assert (await finished(store, script, inbox, task)).state is State.FAILED
    assert script.asked == []


async def test_a_task_whose_audio_is_gone_fails(store: Store, script: Script, inbox: Inbox) -> None:
    task = await store.add_task(Kind.SEPARATION, None, audio_id="b", callback_url=inbox.url)

    kept = await finished(store, script, inbox, task)

    assert kept.error_number == 451


async def test_a_callback_that_a_stop_cut_off_comes_after_the_next_start(
    store: Store, script: Script, inbox: Inbox, upload: Upload
) -> None:
    task = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    await store.done(task, seconds=1)
    await asyncio.to_thread(store.result_path(task.id).write_bytes, b'{"instruments":[]}')

    async with working(store, script) as work:
        await inbox.wait_for(1)
        await eventually(lambda: not work._calling)

    assert await store.to_call_back() == []
    assert len(inbox.got) == 1


async def test_trouble_with_the_disk_is_waited_out(
    store: Store, script: Script, inbox: Inbox, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url=inbox.url)
    monkeypatch.setattr("bot.studio.work.AFTER_TROUBLE_SECONDS", 0.01)
    usual, troubles = store.next_pending, [sqlite3.OperationalError("disk is full")]

    async def troubled() -> Task | None:
        if troubles:
            raise troubles.pop()
        return await usual()

    monkeypatch.setattr(store, "next_pending", troubled)

    assert (await finished(store, script, inbox, task)).state is State.DONE


async def test_a_new_task_wakes_the_line(store: Store, script: Script, inbox: Inbox, upload: Upload) -> None:
    async with working(store, script) as work:
        await eventually(lambda: not work._wake.is_set())
        await store.add_task(Kind.SEPARATION, upload, audio_id="b", callback_url=inbox.url)
        work.wake()
        await inbox.wait_for(1)

    assert script.asked == ["measure"]
