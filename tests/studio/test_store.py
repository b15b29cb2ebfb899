"""What the studio remembers, for how long, and what a kill leaves behind."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from bot.errors import SettingsError
from bot.studio.store import ADDED, DATABASE, Store, open_store
from bot.studio.tasks import Kind, State, Task, Upload

DAY_MS = 24 * 3600 * 1000
CALLBACK = "http://127.0.0.1:9/callback"


class Clock:
    """A clock that the test sets, in Unix seconds."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "studio", clock=clock) as opened:
        yield opened


async def an_upload(store: Store, upload_id: str = "a" * 32) -> Upload:
    await asyncio.to_thread(store.upload_path(upload_id).write_bytes, b"sound")
    upload = Upload(upload_id, "Bass.wav", 5, "audio/wav", store.now_ms())
    await store.add_upload(upload)
    return upload


async def a_task(store: Store, kind: Kind = Kind.MIDI, upload: Upload | None = None) -> Task:
    return await store.add_task(kind, upload, audio_id="b" * 32, callback_url=CALLBACK)


async def test_a_task_is_read_as_it_was_written(store: Store) -> None:
    task = await a_task(store, upload=await an_upload(store))

    assert await store.task(task.id, Kind.MIDI) == task
    assert task.state is State.PENDING
    assert task.part.group == "Bass"
    assert task.created_ms == 1_000_000_000


async def test_the_oldest_pending_task_is_next(store: Store) -> None:
    first, second = await a_task(store), await a_task(store)

    assert await store.next_pending() == first
    await store.done(first, seconds=3.5)
    assert await store.next_pending() == second
    await store.failed(second, number=422, message="No.")
    assert await store.next_pending() is None


async def test_an_end_is_remembered_with_its_time_and_reason(store: Store, clock: Clock) -> None:
    done, failed = await a_task(store), await a_task(store)
    clock.now += 2

    await store.done(done, seconds=3.5)
    await store.failed(failed, number=422, message="No.")

    kept = await store.task(done.id, Kind.MIDI)
    assert kept is not None
    assert (kept.state, kept.seconds, kept.completed_ms) == (State.DONE, 3.5, 1_000_002_000)
    kept = await store.task(failed.id, Kind.MIDI)
    assert kept is not None
    assert (kept.state, kept.error_number, kept.error_message) == (State.FAILED, 422, "No.")


async def test_only_finished_tasks_not_yet_told_are_to_be_called_back(store: Store) -> None:
    pending, told, untold = await a_task(store), await a_task(store), await a_task(store)
    for task in (told, untold):
        await store.done(task, seconds=1)
    await store.called_back(told)

    assert [task.id for task in await store.to_call_back()] == [untold.id]
    assert await store.next_pending() == pending


async def test_starts_are_counted(store: Store) -> None:
    task = await a_task(store)

    await store.started(await store.started(task))

    kept = await store.next_pending()
    assert kept is not None
    assert kept.starts == 2


async def test_an_old_upload_goes_unless_a_task_waits_for_it(store: Store, clock: Clock) -> None:
    needed, unneeded = await an_upload(store, "a" * 32), await an_upload(store, "c" * 32)
    await a_task(store, Kind.SEPARATION, needed)
    ended = await a_task(store, Kind.SEPARATION, unneeded)
    await store.done(ended, seconds=1)
    clock.now += 4 * DAY_MS / 1000
    fresh = await an_upload(store, "d" * 32)

    await store.sweep(
        uploads_before_ms=store.now_ms() - 3 * DAY_MS, tasks_before_ms=store.now_ms() - 14 * DAY_MS
    )

    assert await store.upload(needed.id)
    assert await store.upload(fresh.id)
    assert await store.upload(unneeded.id) is None
    assert not store.upload_path(unneeded.id).exists()
    assert await store.task(ended.id, Kind.SEPARATION)


async def test_what_is_forgotten_is_in_no_file(store: Store, tmp_path: Path) -> None:
    upload, other = await an_upload(store, "a" * 32), await an_upload(store, "c" * 32)
    separation = await a_task(store, Kind.SEPARATION, upload)
    midi, pending = await a_task(store, upload=upload), await a_task(store, upload=upload)
    others = await a_task(store, upload=other)
    await asyncio.to_thread(store.result_path(midi.id).write_bytes, b"{}")
    await store.done(midi, seconds=1)

    await store.forget(uploads=[], tasks=[separation.id])

    assert await store.upload(upload.id) is None
    assert not store.upload_path(upload.id).exists()
    assert not store.result_path(midi.id).exists()
    assert [await store.task(one.id, Kind.MIDI) for one in (midi, pending, others)] == [None, None, others]
    left = [path.read_bytes() for path in (tmp_path / "studio").iterdir() if path.is_file()]
    assert not any(midi.id.encode() in content for content in left)


async def test_what_is_forgotten_while_it_is_worked_on_leaves_no_result(store: Store) -> None:
    task = await a_task(store, upload=await an_upload(store))
    await store.forget(uploads=["a" * 32], tasks=[])
    made = [store.result_path(task.id), store.heard_path(task.id)]
    for path in made:
        await asyncio.to_thread(path.write_bytes, b"{}")

    await store.done(task, seconds=1)

    assert not any(path.exists() for path in made)


async def test_a_task_that_is_forgotten_alone_leaves_the_others_of_its_sound(store: Store) -> None:
    upload = await an_upload(store)
    gone, other = await a_task(store, upload=upload), await a_task(store, upload=upload)

    await store.forget(uploads=[], tasks=[], alone=[gone.id])

    assert [await store.task(one.id, Kind.MIDI) for one in (gone, other)] == [None, other]
    assert await store.upload(upload.id) == upload
    assert store.upload_path(upload.id).exists()


async def test_an_old_task_goes_with_its_notes_and_its_upload(store: Store, clock: Clock) -> None:
    upload = await an_upload(store)
    task = await a_task(store, upload=upload)
    await asyncio.to_thread(store.result_path(task.id).write_bytes, b"{}")
    await asyncio.to_thread(store.heard_path(task.id).write_bytes, b"PK")
    await store.done(task, seconds=1)
    clock.now += 15 * DAY_MS / 1000

    await store.sweep(
        uploads_before_ms=store.now_ms() - 3 * DAY_MS, tasks_before_ms=store.now_ms() - 14 * DAY_MS
    )

    assert await store.task(task.id, Kind.MIDI) is None
    assert not store.result_path(task.id).exists()
    assert not store.heard_path(task.id).exists()
    assert not store.upload_path(upload.id).exists()


async def test_a_pending_task_is_never_forgotten(store: Store, clock: Clock) -> None:
    task = await a_task(store)
    clock.now += 100 * DAY_MS / 1000

    await store.sweep(uploads_before_ms=store.now_ms(), tasks_before_ms=store.now_ms())

    assert await store.next_pending() == task


async def test_files_that_no_row_names_are_removed_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "studio"
    async with open_store(folder) as store:
        upload = await an_upload(store)
        task = await a_task(store, upload=upload)
        kept = [store.upload_path(upload.id), store.result_path(task.id), store.heard_path(task.id)]
        strays = [folder / "uploads" / "half.part", folder / "uploads" / "f", folder / "results" / "x.json"]
        for path in [*kept, *strays]:
            await asyncio.to_thread(path.write_bytes, b"x")
    async with open_store(folder):
        assert all(path.exists() for path in kept)
        assert not any(path.exists() for path in strays)


async def test_a_folder_that_cannot_be_made_is_a_readable_error(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "file").write_bytes, b"")

    with pytest.raises(SettingsError, match="DATA_DIR"):
        async with open_store(tmp_path / "file"):
            pass


async def test_a_damaged_database_is_a_readable_error(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "studio.sqlite3").write_bytes, b"not a database at all" * 100)

    with pytest.raises(SettingsError, match="DATA_DIR"):
        async with open_store(tmp_path):
            pass


async def test_folders_go_round(store: Store) -> None:
    async def task_in(folder: str) -> str:
        upload = Upload(secrets.token_hex(16), "song.wav", 1, "audio/wav", store.now_ms(), folder)
        await store.add_upload(upload)
        return (await store.add_task(Kind.MIDI, upload, audio_id="b", callback_url="http://x")).id

    names = {}
    for name, folder in (
        ("a1", "p/big/a"),
        ("a2", "p/big/a"),
        ("b1", "p/big/b"),
        ("c1", "p/small/c"),
        ("d1", ""),
    ):
        names[await task_in(folder)] = name
    order = []
    while task := await store.next_pending():
        order.append(names[task.id])
        await store.done(task, seconds=1)
    assert order == ["a1", "c1", "d1", "b1", "a2"]


async def test_uploads_of_before_are_in_no_folder(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.add_upload(Upload("a" * 32, "song.wav", 1, "audio/wav", 5))
        await store._database.execute("ALTER TABLE uploads DROP COLUMN folder")
        await store._database.commit()
    async with open_store(tmp_path) as store:
        assert await store.upload("a" * 32) == Upload("a" * 32, "song.wav", 1, "audio/wav", 5, "")


async def test_tasks_of_an_older_version_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "studio"
    async with open_store(folder) as store:
        task = await a_task(store)
    async with aiosqlite.connect(folder / DATABASE) as database:
        for column in ADDED:
            await database.execute(f"ALTER TABLE tasks DROP COLUMN {column}")
        await database.commit()

    async with open_store(folder) as store:
        assert await store.next_pending() == task
