"""A studio on loopback, someone who asks it, and somewhere for its callbacks to go."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import ClientSession, FormData, web

from bot.studio.service import StudioService, serve

API_KEY = "example-studio-key"
HMAC_KEY = "example-hmac-key"


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds that tells nobody when it does."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for from outside
            await asyncio.sleep(0.01)


class Open(Protocol):
    """Opens a studio on the test's own folder, with whatever the test wants otherwise."""

    def __call__(self, **otherwise: Any) -> AbstractAsyncContextManager[StudioService]: ...


@dataclass
class Inbox:
    """Where callbacks arrive: `got` holds (headers, body) of each, `answers` the statuses still to give (then 200)."""

    url: str = ""
    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        async with self.arrived:
            self.got.append((dict(request.headers), await request.json()))
            self.arrived.notify_all()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(60), self.arrived:
            await self.arrived.wait_for(lambda: len(self.got) >= count)


class Asker:
    """Asks a studio as a client of kie would; every answer is the body's JSON."""

    def __init__(self, session: ClientSession, inbox: Inbox) -> None:
        self.session = session
        self.inbox = inbox
        self.headers = {"Authorization": f"Bearer {API_KEY}"}
        self.url = ""

    async def get(self, path: str, **query: str) -> Any:
        async with self.session.get(self.url + path, params=query, headers=self.headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: Any) -> Any:
        async with self.session.post(self.url + path, json=body, headers=self.headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def send(self, data: bytes, *, name: str = "song.wav", **fields: str) -> Any:
        form = FormData()
        form.add_field("file", io.BytesIO(data), filename=name)
        for key, value in ({"uploadPath": "songs"} | fields).items():
            form.add_field(key, value)
        async with self.session.post(
            f"{self.url}/api/file-stream-upload", data=form, headers=self.headers
        ) as answer:
            assert answer.status == 200
            return await answer.json()

    async def separate(self, song: bytes, *, name: str = "song.wav") -> str:
        """Upload a file and submit it; gives the task's id."""
        sent = await self.send(song, name=name)
        return await self.submit(sent["data"]["downloadUrl"])

    async def submit(self, audio_url: str) -> str:
        body = {"audioUrl": audio_url, "callBackUrl": self.inbox.url}
        return str((await self.post("/api/v1/vocal-removal/generate", body))["data"]["taskId"])

    async def generate(self, separation_id: str, **more: str) -> str:
        body = {"taskId": separation_id, "callBackUrl": self.inbox.url, **more}
        return str((await self.post("/api/v1/midi/generate", body))["data"]["taskId"])

    async def separation(self, task_id: str) -> Any:
        """The record, once it is no longer pending."""
        return await self._finished("/api/v1/vocal-removal/record-info", task_id, "PENDING")

    async def midi(self, task_id: str) -> Any:
        """The record, once it is no longer pending."""
        return await self._finished("/api/v1/midi/record-info", task_id, 0)

    async def transcribed(self, song: bytes, *, name: str = "song.wav") -> Any:
        """The whole way: the record of the MIDI task."""
        separation_id = await self.separate(song, name=name)
        assert (await self.separation(separation_id))["successFlag"] == "SUCCESS"
        return await self.midi(await self.generate(separation_id))

    async def _finished(self, path: str, task_id: str, pending: object) -> Any:
        async with asyncio.timeout(60):
            while True:
                record = (await self.get(path, taskId=task_id))["data"]
                if record["successFlag"] != pending:
                    return record
                await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _databases_closed() -> Iterator[None]:
    """Aiosqlite's thread ends a moment after `close` has answered; the check for what is left comes after this."""
    yield
    for thread in threading.enumerate():
        if thread.name.endswith("(_connection_worker_thread)"):
            thread.join(timeout=10)


@pytest.fixture
def open_studio(tmp_path: Path, studio_cache: Path) -> Open:
    def opened(**otherwise: Any) -> AbstractAsyncContextManager[StudioService]:
        usual: dict[str, Any] = {
            "data_dir": tmp_path / "studio",
            "cache_dir": studio_cache,
            "api_key": API_KEY,
            "hmac_key": HMAC_KEY,
            "max_minutes": 5,
            "max_mb": 20,
            "pauses_seconds": (0.01, 0.01, 0.01),
        }
        return serve(**usual | otherwise)

    return opened


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    box = Inbox()
    application = web.Application()
    application.router.add_post("/callback", box.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    box.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
    yield box
    await runner.cleanup()


@pytest.fixture
async def asker(inbox: Inbox) -> AsyncIterator[Asker]:
    """Asks whichever studio its `url` is set to."""
    async with ClientSession() as session:
        yield Asker(session, inbox)


@pytest.fixture
async def studio(open_studio: Open, asker: Asker) -> AsyncIterator[StudioService]:
    """A running studio, which `asker` asks."""
    async with open_studio() as running:
        asker.url = running.url
        yield running
