"""Uploads and tasks in SQLite, with their files beside it, so that a restart loses nothing."""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any, Final

import aiosqlite

from bot.errors import SettingsError
from bot.kie.strength import Strength
from bot.private_files import private_file, private_folder
from bot.rounds import Rounds, Whose
from bot.studio.tasks import Kind, State, Task, Upload

DATABASE: Final = "studio.sqlite3"

UnixClock = Callable[[], float]

LOCK_SECONDS: Final = 5.0
"""How long a start waits for another studio that is just leaving the same folder."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, media_type TEXT NOT NULL, created_ms INTEGER NOT NULL,
    folder TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, upload_id TEXT, file_name TEXT NOT NULL,
    audio_id TEXT NOT NULL, callback_url TEXT NOT NULL, created_ms INTEGER NOT NULL, completed_ms INTEGER,
    seconds REAL NOT NULL, error_number INTEGER, error_message TEXT, starts INTEGER NOT NULL,
    called_back INTEGER NOT NULL, strength TEXT NOT NULL DEFAULT 'usual', instrument TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (state, called_back);
"""

ADDED: Final = {"strength": "TEXT NOT NULL DEFAULT 'usual'", "instrument": "TEXT"}
"""Columns that tasks of older versions lack."""

_COLUMNS: Final = ", ".join(field.name for field in fields(Task))
_PLACES: Final = ", ".join("?" for _ in fields(Task))


class Store:
    """The studio's memory. Times are epoch milliseconds of `clock` (Unix seconds)."""

    def __init__(self, folder: Path, database: aiosqlite.Connection, clock: UnixClock) -> None:
        """Use `open_store`."""
        self._folder = folder
        self._database = database
        self._clock = clock
        self._rounds = Rounds()

    def now_ms(self) -> int:
        """The time that new rows get."""
        return int(self._clock() * 1000)

    def upload_path(self, upload_id: str) -> Path:
        """Where an upload's bytes are; the id was made here, so it is a safe file name."""
        return self._folder / "uploads" / upload_id

    def result_path(self, task_id: str) -> Path:
        """Where a MIDI task's notes are, in kie's shape."""
        return self._folder / "results" / f"{task_id}.json"

    def heard_path(self, task_id: str) -> Path:
        """Where that is which a MIDI task's notes can be told anew from."""
        return self._folder / "results" / f"{task_id}.npz"

    async def heard_before(self, task: Task) -> list[Path]:
        """What earlier tasks heard in the same file, the newest first; it stays longer than the file."""
        done = await self._tasks(
            "upload_id = ? AND kind = ? AND state = ? ORDER BY rowid DESC",
            (task.upload_id, Kind.MIDI, State.DONE),
        )
        paths = [self.heard_path(other.id) for other in done]
        return await asyncio.to_thread(lambda: [path for path in paths if path.exists()])

    async def add_upload(self, upload: Upload) -> None:
        """Remember a file whose bytes are in place."""
        await self._write("INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?)", astuple(upload))

    async def upload(self, upload_id: str) -> Upload | None:
        """The upload of this id."""
        row = await self._one("SELECT * FROM uploads WHERE id = ?", (upload_id,))
        return Upload(*row) if row else None

    async def add_task(
        self,
        kind: Kind,
        upload: Upload | None,
        *,
        of: Task | None = None,
        audio_id: str,
        callback_url: str,
        strength: Strength = Strength.USUAL,
        instrument: str | None = None,
    ) -> Task:
        """A new pending task; where the upload is gone, that of the separation `of` is still known by name."""
        known = upload.id if upload else of.upload_id if of else None
        task = Task(
            id=secrets.token_hex(16),
            kind=kind,
            state=State.PENDING,
            upload_id=known,
            file_name=upload.name if upload else of.file_name if of else "",
            audio_id=audio_id,
            callback_url=callback_url,
            created_ms=self.now_ms(),
            strength=strength,
            instrument=instrument,
        )
        await self._write(f"INSERT INTO tasks ({_COLUMNS}) VALUES ({_PLACES})", astuple(task))  # noqa: S608 - names of our own fields
        return task

    async def task(self, task_id: str, kind: Kind) -> Task | None:
        """The task of this id, if it is of this kind."""
        return next(iter(await self._tasks("id = ? AND kind = ?", (task_id, kind))), None)

    async def next_pending(self) -> Task | None:
        """The task whose turn it is: folders go round, and in each it is the one that has waited longest."""
        rows = await self._all(
            "SELECT coalesce(folder, ''), min(tasks.rowid) FROM tasks LEFT JOIN uploads ON uploads.id = upload_id"
            " WHERE state = ? GROUP BY 1 ORDER BY 2",
            (State.PENDING,),
        )
        waiting = [(_whose(folder), rowid) for folder, rowid in rows]
        if not waiting:
            return None
        return next(iter(await self._tasks("rowid = ?", (self._rounds.next_of(waiting),))), None)

    async def to_call_back(self) -> list[Task]:
        """Finished tasks whose callback has neither arrived nor been given up."""
        return await self._tasks("state != ? AND called_back = 0 ORDER BY rowid", (State.PENDING,))

    async def started(self, task: Task) -> Task:
        """Count one more start, before anything can go wrong with it."""
        await self._write("UPDATE tasks SET starts = starts + 1 WHERE id = ?", (task.id,))
        return replace(task, starts=task.starts + 1)

    async def done(self, task: Task, *, seconds: float) -> Task:
        """The task succeeded."""
        return await self._finish(
            replace(task, state=State.DONE, seconds=seconds, completed_ms=self.now_ms())
        )

    async def failed(self, task: Task, *, number: int, message: str) -> Task:
        """The task failed, for a reason that a person may read."""
        finished = replace(task, state=State.FAILED, error_number=number, error_message=message)
        return await self._finish(replace(finished, completed_ms=self.now_ms()))

    async def called_back(self, task: Task) -> None:
        """The callback arrived, or was given up."""
        await self._write("UPDATE tasks SET called_back = 1 WHERE id = ?", (task.id,))

    async def sweep(self, *, uploads_before_ms: int, tasks_before_ms: int) -> None:
        """Drop old uploads, and old tasks with what they made; what is pending stays, and what it needs."""
        uploads = await self._deleted(
            "uploads",
            "created_ms < ? AND id NOT IN (SELECT upload_id FROM tasks WHERE state = ? AND upload_id IS NOT NULL)",
            (uploads_before_ms, State.PENDING),
        )
        tasks = await self._deleted(
            "tasks", "state != ? AND created_ms < ?", (State.PENDING, tasks_before_ms)
        )
        await self._erase(uploads, tasks)

    async def forget(
        self, *, uploads: Sequence[str], tasks: Sequence[str], alone: Sequence[str] = ()
    ) -> None:
        """Drop these uploads and tasks, pending ones too, and all that was made of the same sound; the tasks `alone` without it."""
        named = _places(tasks)
        gone = await self._deleted(
            "uploads",
            f"id IN ({_places(uploads)}) OR id IN (SELECT upload_id FROM tasks WHERE id IN ({named}))",  # noqa: S608 - question marks
            (*uploads, *tasks),
        )
        # Sound goes a day after it came, and what was heard in it is there for longer.
        same = "SELECT upload_id FROM tasks WHERE id IN"
        made = await self._deleted(
            "tasks",
            f"id IN ({named}) OR id IN ({_places(alone)})"
            f" OR upload_id IN ({_places([*uploads, *gone])}) OR upload_id IN ({same} ({named}))",
            (*tasks, *alone, *uploads, *gone, *tasks),
        )
        await self._erase(gone, made)

    async def _deleted(self, table: str, which: str, values: Iterable[Any]) -> list[str]:
        rows = await self._all(f"DELETE FROM {table} WHERE {which} RETURNING id", values)  # noqa: S608 - our own text
        return [row[0] for row in rows]

    async def _erase(self, uploads: Iterable[str], tasks: Iterable[str]) -> None:
        """Take the files of deleted rows away, and what the log beside the database still says of these."""
        await self._database.commit()
        made = [path(task) for task in tasks for path in (self.result_path, self.heard_path)]
        paths = [*map(self.upload_path, uploads), *made]
        await asyncio.to_thread(_unlink, paths)
        if paths:
            await self._all("PRAGMA wal_checkpoint(TRUNCATE)", ())

    async def drop_strays(self) -> None:
        """Remove files that no row names: what a kill in the middle of an upload or a result left."""
        uploads = await self._all("SELECT id FROM uploads", ())
        tasks = await self._all("SELECT id FROM tasks", ())
        known = {self.upload_path(row[0]) for row in uploads}
        known |= {path(row[0]) for row in tasks for path in (self.result_path, self.heard_path)}
        await asyncio.to_thread(_unlink_strays, [self._folder / "uploads", self._folder / "results"], known)

    async def _finish(self, task: Task) -> Task:
        found = await self._write(
            "UPDATE tasks SET state = ?, seconds = ?, completed_ms = ?, error_number = ?, error_message = ? WHERE id = ?",
            (task.state, task.seconds, task.completed_ms, task.error_number, task.error_message, task.id),
        )
        if not found:
            # Forgotten while it was worked on.
            await asyncio.to_thread(_unlink, [self.result_path(task.id), self.heard_path(task.id)])
        return task

    async def _tasks(self, where: str, values: Iterable[Any]) -> list[Task]:
        rows = await self._all(f"SELECT {_COLUMNS} FROM tasks WHERE {where}", values)  # noqa: S608 - our own text
        return [_task(row) for row in rows]

    async def _one(self, sql: str, values: Iterable[Any]) -> sqlite3.Row | None:
        return next(iter(await self._all(sql, values)), None)

    async def _all(self, sql: str, values: Iterable[Any]) -> Iterable[sqlite3.Row]:
        return await self._database.execute_fetchall(sql, values)

    async def _write(self, sql: str, values: Iterable[Any]) -> int:
        """Returns how many rows it met."""
        async with self._database.execute(sql, values) as cursor:
            await self._database.commit()
            return cursor.rowcount


@asynccontextmanager
async def open_store(folder: Path, *, clock: UnixClock = time.time) -> AsyncIterator[Store]:
    """The store in `folder`, which is made where it is missing, and is this process's alone while open.

    Raises:
        SettingsError: another studio uses the folder, or it cannot be written.
    """
    try:
        await asyncio.to_thread(_make_folders, folder)
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {folder} cannot be used: {error.strerror}") from error
    async with aiosqlite.connect(folder / DATABASE, timeout=LOCK_SECONDS) as database:
        try:
            await database.execute("PRAGMA locking_mode = EXCLUSIVE")
            await database.execute("PRAGMA journal_mode = WAL")
            await database.execute("PRAGMA synchronous = NORMAL")
            await database.execute("PRAGMA secure_delete = ON")
            await database.executescript(SCHEMA)
            await _add_folders(database)
            await _add_columns(database)
        except sqlite3.DatabaseError as error:
            raise SettingsError(f"DATA_DIR: the studio in {folder} cannot be opened: {error}") from error
        store = Store(folder, database, clock)
        await store.drop_strays()
        yield store


def _whose(folder: str) -> Whose:
    """Clients that sort files by people, and these by servers, have folders such as pianola/SERVER/PERSON."""
    above = folder.rpartition("/")[0]
    return Whose(folder, above or None)


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


async def _add_columns(database: aiosqlite.Connection) -> None:
    there = {row[1] for row in await database.execute_fetchall("PRAGMA table_info(tasks)")}
    for name, kind in ADDED.items():
        if name not in there:
            await database.execute(f"ALTER TABLE tasks ADD COLUMN {name} {kind}")
    await database.commit()


def _task(row: sqlite3.Row) -> Task:
    values = dict(zip((field.name for field in fields(Task)), row, strict=True))
    values |= {
        "kind": Kind(values["kind"]),
        "state": State(values["state"]),
        "strength": Strength(values["strength"]),
    }
    return Task(**{**values, "called_back": bool(values["called_back"])})


async def _add_folders(database: aiosqlite.Connection) -> None:
    """Uploads of an earlier version are in none."""
    columns = await database.execute_fetchall("PRAGMA table_info(uploads)")
    if all(column[1] != "folder" for column in columns):
        await database.execute("ALTER TABLE uploads ADD COLUMN folder TEXT NOT NULL DEFAULT ''")


def _make_folders(folder: Path) -> None:
    for each in (folder.parent, folder, folder / "uploads", folder / "results"):
        private_folder(each)
    private_file(folder / DATABASE)


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _unlink_strays(folders: list[Path], known: set[Path]) -> None:
    _unlink([path for folder in folders for path in folder.iterdir() if path not in known])
