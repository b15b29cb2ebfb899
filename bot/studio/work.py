"""Does the tasks one after the other, and sees to it that each client hears of the end."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from bot.kie.song_errors import SongCrashedError, SongError, SongStalledError, SourceGoneError
from bot.kie.strength import Strength
from bot.studio import replies
from bot.studio.callbacks import Callbacks
from bot.studio.store import Store
from bot.studio.tasks import Kind, State, Task
from bot.studio.worker import SONG_MB, SongRefusedError, Worker

log = structlog.get_logger(__name__)

MOST_STARTS: Final = 5
"""A song over which the whole program was stopped or died this often is not begun again."""

IDLE_SECONDS: Final = 60.0
"""An idle transcriber holds about 100 MB; starting it again takes half a second."""

MEASURE_TIMEOUT_SECONDS: Final = 30.0
TRANSCRIBE_TIMEOUT_SECONDS: Final = 120.0
PART_OF_LENGTH: Final = 0.5
"""Transcription runs at some 60 times real time; half the song's length more leaves room for a busy machine."""
PART_OF_LENGTH_ELSEWHERE: Final = 4.0
"""A MuScriptor without a graphics card takes several times the song's length. Whoever waits gives up after JOB_TIMEOUT_SECONDS."""
SILENT_SECONDS: Final = 150.0
"""No progress for so long is none any more. A MuScriptor that is busy with another song is asked again for 97 s."""

AFTER_TROUBLE_SECONDS: Final = 5.0

CRASH_REPEATS: Final = 1
"""A transcriber that was killed from outside (memory) may well get through at the second go."""


class Work:
    """The one line of tasks and the one worker process."""

    def __init__(
        self,
        store: Store,
        callbacks: Callbacks,
        *,
        stem_url: Callable[[Task], str],
        cache: Path,
        max_seconds: float,
        song_mb: int = SONG_MB,
        engine_url: str | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`stem_url` gives the address of a task's audio; `max_seconds` is the longest song taken, and `song_mb` the memory for it.

        In the folder `cache` is kept what the transcriber makes once. With `engine_url` a MuScriptor server there hears the songs.
        """
        self.worker = Worker(cache, song_mb=song_mb, engine_url=engine_url)
        self._part_of_length = PART_OF_LENGTH_ELSEWHERE if engine_url else PART_OF_LENGTH
        # A MuScriptor gives one set of notes, and nothing to choose from.
        self.strengths = (Strength.USUAL,) if engine_url else tuple(Strength)
        self._store = store
        self._callbacks = callbacks
        self._stem_url = stem_url
        self._max_seconds = max_seconds
        self._idle_seconds = idle_seconds
        self._wake = asyncio.Event()
        self._calling: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There is a new task."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; what an earlier process left open comes first."""
        try:
            for finished in await self._store.to_call_back():
                self._call_back(finished)
            while True:
                await self._next()
        finally:
            await self._end()

    async def _next(self) -> None:
        self._wake.clear()
        try:
            task = await self._store.next_pending()
            if task is not None:
                finished = await self._finished(task)
                # It may have been forgotten meanwhile, and nobody waits for it any more.
                if await self._store.task(task.id, task.kind):
                    self._call_back(finished)
        except sqlite3.Error:
            # A full disk, say: the task stays pending, and the line goes on as soon as it can.
            log.exception("the studio cannot write")
            await asyncio.sleep(AFTER_TROUBLE_SECONDS)
            return
        if task is None:
            await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._idle_seconds if self.worker.pid else None):
                await self._wake.wait()
        except TimeoutError:
            await self.worker.stop()

    async def _finished(self, task: Task) -> Task:
        """Do `task` and remember how it ended. Nothing that one song does stops the line."""
        log.info("studio task begun", task_id=task.id, kind=task.kind)
        try:
            seconds = await self._done(await self._store.started(task))
        except SongRefusedError as refusal:
            return await self._failed(task, refusal.number, refusal.message)
        except SongError as error:
            log.warning("studio task failed", task_id=task.id, detail=error.detail)
            return await self._failed(task, error.number, error.sentence)
        except Exception:
            log.exception("studio task failed", task_id=task.id)
            return await self._failed(task, SongError.number, SongError().sentence)
        log.info("studio task done", task_id=task.id, kind=task.kind)
        return await self._store.done(task, seconds=seconds)

    async def _failed(self, task: Task, number: int, message: str) -> Task:
        return await self._store.failed(task, number=number, message=message)

    async def _done(self, task: Task) -> float:
        """Measure the song, and transcribe it if that is the task; gives its length in seconds."""
        if task.starts > MOST_STARTS:
            raise SongCrashedError(f"begun {task.starts} times")
        if task.kind is Kind.MIDI and await self._told(task):
            return task.seconds
        upload = await self._store.upload(task.upload_id) if task.upload_id else None
        if upload is None:
            raise SourceGoneError
        song = {"path": str(self._store.upload_path(upload.id)), "limit_seconds": self._max_seconds}
        measured = await self._asked({"do": "measure", **song}, MEASURE_TIMEOUT_SECONDS)
        seconds = float(measured["seconds"])
        if task.kind is Kind.MIDI:
            limit = TRANSCRIBE_TIMEOUT_SECONDS + seconds * self._part_of_length
            await self._transcribed(task, song | {"seconds": seconds}, limit)
        return seconds

    async def _told(self, task: Task) -> bool:
        """Write the task's notes from what was heard in the file before, which need not be there any more. False: that is not enough."""
        for before in await self._store.heard_before(task):
            request = {"do": "tell", "kept": str(before), **self._wanted(task)}
            if "unheard" not in await self._asked(request, MEASURE_TIMEOUT_SECONDS):
                return True
        return False

    async def _transcribed(self, task: Task, song: dict[str, Any], timeout_seconds: float) -> None:
        """Write the task's notes."""
        kept = str(self._store.heard_path(task.id))
        request = {"do": "transcribe", "kept": kept, **song, **self._wanted(task)}
        await self._asked(request, timeout_seconds)

    def _wanted(self, task: Task) -> dict[str, Any]:
        return {
            "instrument": task.part.instrument,
            "drum_kit": task.part.drum_kit,
            "mix": task.part.mix,
            "strength": task.strength,
            "out": str(self._store.result_path(task.id)),
        }

    async def _asked(self, request: dict[str, Any], timeout_seconds: float) -> dict[str, Any]:
        for _ in range(CRASH_REPEATS):
            try:
                return await self.worker.ask(
                    request, timeout_seconds=timeout_seconds, silent_seconds=SILENT_SECONDS
                )
            except SongStalledError:
                raise
            except SongCrashedError as error:
                log.warning("transcriber broke down; once more", detail=error.detail)
        return await self.worker.ask(request, timeout_seconds=timeout_seconds, silent_seconds=SILENT_SECONDS)

    def _call_back(self, task: Task) -> None:
        calling = asyncio.create_task(self._deliver(task), name=f"studio-callback-{task.id}")
        self._calling.add(calling)
        calling.add_done_callback(self._calling.discard)

    async def _deliver(self, task: Task) -> None:
        try:
            notes = await self.notes(task)
            body = replies.callback(task, stem_url=self._stem_url(task), notes=notes)
            await self._callbacks.deliver(task.callback_url, task_id=task.id, body=body)
            await self._store.called_back(task)
        except Exception:
            log.exception("studio callback failed", task_id=task.id)

    async def notes(self, task: Task) -> bytes | None:
        """The result of a finished MIDI task, as JSON in kie's shape."""
        if task.kind is not Kind.MIDI or task.state is not State.DONE:
            return None
        return await asyncio.to_thread(self._store.result_path(task.id).read_bytes)

    async def _end(self) -> None:
        """Stop the process and the callbacks; what they had not done is done after the next start."""
        for calling in self._calling:
            calling.cancel()
        await asyncio.gather(*self._calling, return_exceptions=True)
        await self.worker.stop()
