"""A receiver on a real socket, in front of a real desk and database, and one job that waits for its callback."""

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import utc_now
from bot.jobs.admission import Asker
from bot.jobs.desk import Desk
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.web.receiver import Receiver, serve
from tests.jobs.inbox import bodies
from tests.jobs.replies import a_reply

TASK_ID = "5c79b0e1d7a8f3c2b4e6a9d0c1f2e3b4"
INSTRUMENTS = [{"name": "Piano", "notes": [{"pitch": 60, "start": 0, "end": "0.5", "velocity": 0.8}]}]
NEW_SHAPE = {
    "code": 200,
    "msg": "success",
    "data": {"taskId": TASK_ID, "state": "complete", "instruments": INSTRUMENTS},
}
OLD_SHAPE = {
    "task_id": TASK_ID,
    "code": 200,
    "msg": "success",
    "data": {"state": "complete", "instruments": INSTRUMENTS},
}
OLD_FAILURE = {"task_id": TASK_ID, "code": 500, "msg": "MIDI generation failed", "data": None}


@dataclass(frozen=True, slots=True)
class Door:
    """The receiver as the world reaches it: `url`, the job behind it, and a session to knock with."""

    url: str
    job: Job
    store: Store
    database: Database
    receiver: Receiver
    session: aiohttp.ClientSession

    def path(self, *, part: int | str = 0, step: str = "midi", secret: str | None = None) -> str:
        """The path of the job's callback."""
        return f"/callbacks/{self.job.id}/{part}/{step}/{secret or self.job.callback_secret}"

    async def path_of_another(self, number: int) -> str:
        """The path of the callback of another job, opened now."""
        assert self.receiver.desk
        job = await _waiting_job(self.receiver.desk, TASK_ID, number)
        return f"/callbacks/{job.id}/0/midi/{job.callback_secret}"

    async def post(self, body: Any = NEW_SHAPE, path: str | None = None, **options: Any) -> int:
        """Post a callback (what is no bytes is sent as JSON); gives the answer's status."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return (await self.request("POST", path or self.path(), data=io.BytesIO(data), **options))[0]

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON of an answer; None for one that is no JSON."""
        async with self.session.request(method, self.url + path, **options) as response:
            text = await response.text()
            return response.status, json.loads(text) if response.content_type == "application/json" else None

    async def kept(self, *, part: int = 0, step: str = "midi") -> list[bytes]:
        """The callbacks that the store holds for the job."""
        return await bodies(self.store, self.job.id, part, step)

    async def change_database(self, statement: str) -> None:
        """Do something to the tables behind everybody's back."""
        await self.database.transactions.write(
            "test", lambda connection: connection.exec_driver_sql(statement)
        )


async def _waiting_job(desk: Desk, task_id: str | None, number: int = 1) -> Job:
    part = SongPart(Source.TASK, "song", None, midi=Task(sent_at=utc_now(), id=task_id))
    reply = a_reply(utc_now(), number, user_id=2)
    job = await desk.open(reply, "Night Drive", [part], None, asker=Asker(user_id=2))
    assert job is not None
    return job


@asynccontextmanager
async def opened(data_dir: Path, receiver: Receiver, task_id: str | None) -> AsyncIterator[Door]:
    """A receiver with a database of its own; `task_id` is that of the job's task, where it is known."""
    async with (
        open_database(None, data_dir) as database,
        serve(receiver, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
    ):
        store = Store(database.transactions, database.queue)
        desk = Desk(store, callback_base=None, job_timeout=timedelta(minutes=20))
        job = await _waiting_job(desk, task_id)
        receiver.desk = desk
        yield Door(f"http://127.0.0.1:{port}", job, store, database, receiver, session)


Open = Callable[..., Awaitable[Door]]


@pytest.fixture
async def open_door(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a receiver with options of its own."""
    async with AsyncExitStack() as stack:

        async def open_one(task_id: str | None = TASK_ID, **options: Any) -> Door:
            given: dict[str, Any] = {"hmac_key": None, "ready": lambda: None, **options}
            entered: AbstractAsyncContextManager[Door] = opened(tmp_path, Receiver(**given), task_id)
            return await stack.enter_async_context(entered)

        yield open_one


@pytest.fixture
async def door(open_door: Open) -> Door:
    """A receiver that asks for no signature."""
    return await open_door()
