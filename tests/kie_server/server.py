"""The service itself: kie's documented routes over the state, with faults in front and callbacks behind."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.kie_server.callbacks import CallbackPlan, Sender
from tests.kie_server.control import routes
from tests.kie_server.faults import Fault, Faults, apply
from tests.kie_server.records import midi_record, music_record, separation_record
from tests.kie_server.state import PRICES, SONG, STEMS, Received, Sent, Stem, Task, Track

CALLS = {
    "upload": ("POST", "/api/file-stream-upload"),
    "separate": ("POST", "/api/v1/vocal-removal/generate"),
    "separation": ("GET", "/api/v1/vocal-removal/record-info"),
    "generate_midi": ("POST", "/api/v1/midi/generate"),
    "midi": ("GET", "/api/v1/midi/record-info"),
    "music": ("GET", "/api/v1/generate/record-info"),
    "credits": ("GET", "/api/v1/chat/credit"),
}
"""The names that faults and counts use."""

_NAMES = {path: name for name, (_, path) in CALLS.items()}


def reply(data: Any) -> web.Response:
    return web.json_response({"code": 200, "msg": "success", "data": data})


def refuse(code: int, message: str, *, status: int = 200) -> web.Response:
    """All recorded refusals but 429 came with HTTP 200."""
    return web.json_response({"code": code, "msg": message, "data": None}, status=status)


class KieServer:
    """A kie account on loopback; `url` serves both as API and as upload address.

    `work_seconds` is what a task takes; None leaves tasks pending until `finish` or `fail`. `rate` is the number of
    generation requests taken in any 10 s. With `tells_cost` records say what a task cost, as those of the newer routes do. With `stem_audio` the stems of coming separations can be fetched.
    """

    def __init__(
        self,
        *,
        key: str = "test-key",
        hmac_key: str | None = None,
        port: int = 0,
        work_seconds: float | None = 0.0,
        plan: CallbackPlan | None = None,
        rate: int = 20,
    ) -> None:
        self.key = key
        self.hmac_key = hmac_key
        self.work_seconds = work_seconds
        self.plan = plan or CallbackPlan()
        self.rate = rate
        self.credits: float = 5916.25
        self.tells_cost = False
        self.stem_audio: bytes | None = None
        self.notes: Any = SONG
        self.requests: list[Received] = []
        self.sent: list[Sent] = []
        self.charges: list[tuple[str, float]] = []
        self.tasks: dict[str, Task] = {}
        self.uploads: dict[str, bytes] = {}
        self.faults = Faults()
        self._port = port
        self._closing = asyncio.Event()
        self._recent: deque[float] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._gate], client_max_size=600 << 20)
        for name, (method, path) in CALLS.items():
            app.router.add_route(method, path, getattr(self, f"_{name}"))
        app.router.add_get("/files/{name}", self._file)
        app.router.add_routes(routes(self))
        self._session = aiohttp.ClientSession()
        self.sender = Sender(self._session, self.hmac_key, self.sent)
        # Of a client that leaves with half an upload sent, aiohttp waits for the rest so long, also when this is closed.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, lingering_time=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._runner.cleanup()
        await self._session.close()

    def break_next(self, call: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` calls of that name meet `fault`."""
        if call not in CALLS:
            raise ValueError(f"no such call: {call}")
        self.faults.add(call, fault, times)

    def count(self, call: str) -> int:
        """How many requests of that name came, broken ones included."""
        return sum(request.call == call for request in self.requests)

    def add_separation(self, *, type: str = "separate_vocal", task_id: str | None = None) -> Task:  # noqa: A002 (kie's word)
        """A separation that was finished earlier, for `/midi task_id:`."""
        task = Task("separation", "https://example.com/none", type=type, state="done")
        task.id = task_id or task.id
        task.stems = self._stems(type, None)
        self.tasks[task.id] = task
        return task

    def add_music(self, *tracks: Track) -> Task:
        """A music task that was finished earlier, with these tracks."""
        task = Task("music", "https://example.com/none", state="done", tracks=list(tracks))
        self.tasks[task.id] = task
        return task

    async def finish(self, task_id: str) -> None:
        """End a pending task well, and send its callback as planned."""
        task = self.tasks[task_id]
        task.state = "done"
        await self.sender.send(task, self.plan)

    async def fail(self, task_id: str, code: int, message: str) -> None:
        """End a pending task badly, and send its callback as planned."""
        task = self.tasks[task_id]
        task.state, task.error_code, task.error_message = "failed", code, message
        await self.sender.send(task, self.plan)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run `work` until it ends or the server does."""
        running = asyncio.create_task(work, name=name)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Wait until no task is at work and no callback on its way."""
        while self._running:
            await asyncio.gather(*self._running)

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        call = _NAMES.get(request.path)
        if call is None:
            answer = await handler(request)
            assert isinstance(answer, web.StreamResponse)
            return answer
        json_body = await request.json() if request.method == "POST" and call != "upload" else None
        self.requests.append(
            Received(
                call, request.method, request.path, dict(request.query), dict(request.headers), json_body
            )
        )

        async def work() -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {self.key}":
                return refuse(401, "You do not have access permissions")
            done = await handler(request)
            assert isinstance(done, web.StreamResponse)
            return done

        fault = self.faults.take(call)
        return await work() if fault is None else await apply(fault, request, work, self._closing)

    async def _upload(self, request: web.Request) -> web.Response:
        parts: dict[str, bytes] = {}
        kind = "application/octet-stream"
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            parts[part.name or ""] = bytes(await part.read())
            if part.name == "file":
                kind = part.headers.get("Content-Type", kind)
        if "file" not in parts or not parts.get("uploadPath"):
            return refuse(400, "uploadPath and file are required")
        name, folder = parts.get("fileName", b"file").decode(), parts["uploadPath"].decode()
        content = self.uploads[name] = parts["file"]
        data = {
            "success": True,
            "fileName": name,
            "filePath": f"{folder}/{name}",
            "downloadUrl": str(request.url.with_path(f"/files/{name}").with_query(None)),
            "fileSize": len(content),
            "mimeType": kind,
            "uploadedAt": "2026-04-28T00:00:00.000Z",
        }
        return web.json_response(
            {"success": True, "code": 200, "msg": "File uploaded successfully", "data": data}
        )

    async def _file(self, request: web.Request) -> web.Response:
        content = self.uploads.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _separate(self, request: web.Request) -> web.Response:
        body = await request.json()
        kind = body.get("type", "separate_vocal")
        if kind not in PRICES:
            return refuse(422, "type is invalid")
        if not body.get("audioUrl") and not self._is_track(body.get("taskId"), body.get("audioId")):
            return refuse(422, "Record does not exist")
        if body.get("audioUrl") and body.get("audioId"):
            return refuse(422, "audioUrl cannot be used with audioId")
        task = Task("separation", body.get("callBackUrl") or "", type=kind, audio_id=body.get("audioId"))
        task.stems = self._stems(kind, body.get("stemName"))
        return await self._start(task, PRICES[kind])

    def _is_track(self, task_id: Any, audio_id: Any) -> bool:
        music = self.tasks.get(str(task_id))
        return music is not None and audio_id in {track.id for track in music.tracks}

    async def _generate_midi(self, request: web.Request) -> web.Response:
        body = await request.json()
        source = self.tasks.get(str(body.get("taskId")))
        if source is None or source.kind != "separation" or source.state != "done":
            return refuse(422, "Record does not exist")
        audio_id = body.get("audioId")
        if audio_id and audio_id not in {stem.id for stem in source.stems}:
            return refuse(422, "Record does not exist")
        task = Task("midi", body.get("callBackUrl") or "", audio_id=audio_id, notes=self.notes)
        return await self._start(task, 0.0)

    async def _separation(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.query.get("taskId", ""))
        return reply(separation_record(task) if task and task.kind == "separation" else None)

    async def _midi(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.query.get("taskId", ""))
        return reply(midi_record(task) if task and task.kind == "midi" else None)

    async def _music(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.query.get("taskId", ""))
        return reply(music_record(task) if task and task.kind == "music" else None)

    async def _credits(self, _request: web.Request) -> web.Response:
        return reply(self.credits)

    async def _start(self, task: Task, price: float) -> web.Response:
        if not task.callback_url:
            return refuse(422, "Please enter callBackUrl.")
        if not self._has_room():
            return refuse(429, "Your call frequency is too high.", status=429)
        if self.credits < price:
            return refuse(402, "The current credits are insufficient. Please top up.")
        self.credits -= price
        self.charges.append((task.kind, price))
        self.tasks[task.id] = task
        if self.tells_cost:
            task.cost = price
        if self.plan.early:
            await self.finish(task.id)
        elif self.work_seconds is not None:
            self.spawn(self._work(task, self.work_seconds), f"kie task {task.id}")
        return reply({"taskId": task.id})

    async def _work(self, task: Task, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if task.state == "pending":
            await self.finish(task.id)

    def _has_room(self) -> bool:
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 10:
            self._recent.popleft()
        if len(self._recent) >= self.rate:
            return False
        self._recent.append(now)
        return True

    def _stems(self, kind: str, stem_name: str | None) -> list[Stem]:
        names = STEMS.get(kind, (stem_name or "Vocals", "Instrumental"))
        stems = [Stem(name, "") for name in names]
        for stem in stems:
            name = f"{stem.id}_{stem.name.replace(' ', '_')}.mp3"
            stem.url = f"https://file.example.com/s/{name}"
            if self.stem_audio is not None:
                self.uploads[name] = self.stem_audio
                stem.url = f"{self.url}/files/{name}"
        return stems
