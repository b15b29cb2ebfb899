"""The receiver: callbacks from the studio, the host's questions after our health, a few pages and `/metrics`. Nothing else is served."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.desk import Desk
from bot.jobs.model import Job
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.work.places import Places
from bot.kie import signature
from bot.kie.errors import CallbackError
from bot.kie.payloads import read_callback
from bot.measures import CALLBACKS, count
from bot.rounds import Whose
from bot.web import bodies, serving
from bot.web.bodies import BodyError
from bot.web.connections import Connections, Limits, connections_here
from bot.web.metrics import Metrics
from bot.web.pages import Pages
from bot.web.tally import Tally

log = structlog.get_logger(__name__)

LARGEST_BODY = 32 * 1024**2
"""Bytes, inflated. 100 000 notes are about 10 MB of JSON, and more than this is not read as notes."""

PATIENCE_SECONDS = 12.0
"""For a whole body: kie itself gives up after 15 s."""

_AT_ONCE = 4
"""Bodies that are read at the same time: each may be as large as `LARGEST_BODY`."""

_WORD = "[A-Za-z0-9_-]{1,100}"
"""What our own addresses are made of; anything else is unknown without asking the database, which may refuse a NUL."""

Ready = Callable[[], str | None]
"""Tells why the bot is not ready, or None."""


class _RefusedError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Receiver:
    """The web application. `desk` is None until the database is open, and callbacks are asked to come again."""

    def __init__(
        self,
        *,
        hmac_key: str | None,
        ready: Ready,
        pages: Pages | None = None,
        metrics: Metrics | None = None,
        takes_callbacks: bool = True,
        largest_body: int = LARGEST_BODY,
        patience_seconds: float = PATIENCE_SECONDS,
        limits: Limits | None = None,
    ) -> None:
        """With `hmac_key` every callback must be signed; without, its secret path is the only guard.

        A process that `takes_callbacks` not is only watched.
        """
        self.desk: Desk | None = None
        self.tally = Tally()
        self.connections = Connections(limits or Limits(connections_here()), self.tally)
        self._hmac_key = hmac_key
        self._ready = ready
        self._pages = pages
        self._metrics = metrics
        self._takes_callbacks = takes_callbacks
        self._largest_body = largest_body
        self._patience_seconds = patience_seconds
        # Half of them for one job: whoever learned its secret stops no other's.
        self._places = Places(_AT_ONCE)

    def application(self) -> web.Application:
        """The aiohttp application with its routes."""
        app = web.Application()
        if self._takes_callbacks:
            app.router.add_post(
                rf"/callbacks/{{job:{_WORD}}}/{{part:[0-9]{{1,2}}}}/{{step:separation|midi}}/{{secret:{_WORD}}}{{end:/?}}",
                self._callback,
                expect_handler=bodies.nothing_expected,
            )
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        if self._pages:
            self._pages.add_to(app.router)
        if self._metrics:
            self._metrics.add_to(app.router)
        return app

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        if reason := self._ready():
            return web.json_response({"status": "not ready", "reason": reason}, status=503)
        return web.json_response({"status": "ready"})

    async def _callback(self, request: web.Request) -> web.Response:
        answer = await self._answered(request)
        count(CALLBACKS, str(answer.status))
        return answer

    async def _answered(self, request: web.Request) -> web.Response:
        structlog.contextvars.clear_contextvars()  # of the request before on this connection
        try:
            await self._take(request)
        except _RefusedError as error:
            return _answer(error.status, error.text)
        except BodyError as error:
            return _answer(error.status, error.sentence)
        except TimeoutError:
            return _answer(408, "the body took too long")
        except CallbackError as error:
            return _answer(400, error.detail or "not a callback")
        except SQLAlchemyError as error:
            # Not kept, so not acknowledged: the sender repeats it.
            if self.tally.count("not_kept"):
                _tell(error)
            return _answer(503, "please repeat")
        return _answer(200, "received")

    async def _take(self, request: web.Request) -> None:
        """Keep a callback. Nothing of its body is read before its path, and where its task is known its signature, are right."""
        address = request.match_info
        if self.desk is None:
            raise _RefusedError(503, "starting, please repeat")
        job = await self.desk.job_of_callback(address["job"], address["secret"])
        if job is None:
            raise _RefusedError(404, "unknown")
        structlog.contextvars.bind_contextvars(job=job.id)
        part, step = int(address["part"]), address["step"]
        task_id = job.task_id(part, step)
        if task_id:
            self._check_signature(request, job, task_id)
        self.connections.keep(request.transport)
        async with asyncio.timeout(self._patience_seconds), self._places.place(Whose(job.id)):
            body = await bodies.read(request, self._largest_body)
        callback = await asyncio.to_thread(read_callback, body)
        if not task_id:
            self._check_signature(request, job, callback.task_id or "")
        await self.desk.take(job, part, step, callback, body)

    def _check_signature(self, request: web.Request, job: Job, task_id: str) -> None:
        if self._hmac_key is None:
            return
        stamp = request.headers.get(signature.TIMESTAMP_HEADER, "")
        given = request.headers.get(signature.SIGNATURE_HEADER, "")
        if not signature.verify(self._hmac_key, task_id, stamp, given, now=time.time()):
            if self.tally.count("forged"):
                log.warning("callback.forged", job=job.id)
            raise _RefusedError(401, "the signature does not fit")


def _tell(error: SQLAlchemyError) -> None:
    if trouble := trouble_of(error):
        log.warning("callback.not_kept", reason=trouble.sentence)
    else:
        log.error("callback.not_kept", exc_info=error)


def _answer(status: int, text: str) -> web.Response:
    return web.json_response({"status": text}, status=status)


@asynccontextmanager
async def serve(receiver: Receiver, host: str, port: int) -> AsyncIterator[int]:
    """Listen on `host` and `port` (0: any free one); gives the port.

    Raises:
        SettingsError: they cannot be listened on.
    """
    async with serving.serve(
        receiver.application(),
        host,
        port,
        connections=receiver.connections,
        tally=receiver.tally,
    ) as bound_port:
        yield bound_port
