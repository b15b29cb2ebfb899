"""The receiver: callbacks from the studio, and the host's questions after our health. Nothing else is served."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SettingsError
from bot.jobs.desk import Desk
from bot.kie import signature
from bot.kie.errors import CallbackError
from bot.kie.payloads import Callback, read_callback

log = structlog.get_logger(__name__)

LARGEST_BODY = 64 * 1024**2
"""Bytes. 100 000 notes are about 10 MB of JSON."""

_LARGE = 256 * 1024
"""Bytes from which on a body is parsed in a thread: beneath, parsing takes under 2 ms."""

PATIENCE_SECONDS = 12.0
"""For a whole body: kie itself gives up after 15 s."""

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
        largest_body: int = LARGEST_BODY,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """With `hmac_key` every callback must be signed; without, its secret path is the only guard."""
        self.desk: Desk | None = None
        self._hmac_key = hmac_key
        self._ready = ready
        self._largest_body = largest_body
        self._patience_seconds = patience_seconds

    def application(self) -> web.Application:
        """The aiohttp application with its routes."""
        app = web.Application(client_max_size=self._largest_body)
        app.router.add_post(
            rf"/callbacks/{{job:{_WORD}}}/{{part:[0-9]{{1,2}}}}/{{step:separation|midi}}/{{secret:{_WORD}}}",
            self._callback,
        )
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        return app

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        if reason := self._ready():
            return web.json_response({"status": "not ready", "reason": reason}, status=503)
        return web.json_response({"status": "ready"})

    async def _callback(self, request: web.Request) -> web.Response:
        try:
            await self._take(request)
        except _RefusedError as error:
            return _answer(error.status, error.text)
        except TimeoutError:
            return _answer(408, "the body took too long")
        except CallbackError as error:
            return _answer(400, error.detail or "not a callback")
        except SQLAlchemyError:
            # Not kept, so not acknowledged: the sender repeats it.
            log.exception("callback.not_kept")
            return _answer(503, "please repeat")
        return _answer(200, "received")

    async def _take(self, request: web.Request) -> None:
        address = request.match_info
        if self.desk is None:
            raise _RefusedError(503, "starting, please repeat")
        job = await self.desk.job_of_callback(address["job"], address["secret"])
        if job is None:
            raise _RefusedError(404, "unknown")
        async with asyncio.timeout(self._patience_seconds):
            body = await request.read()
        callback = await _parse(body)
        if not self._is_signed(request, callback):
            log.warning("callback.forged", job=job.id)
            raise _RefusedError(401, "the signature does not fit")
        await self.desk.take(job, int(address["part"]), address["step"], callback, body)

    def _is_signed(self, request: web.Request, callback: Callback) -> bool:
        if self._hmac_key is None:
            return True
        return signature.verify(
            self._hmac_key,
            callback.task_id or "",
            request.headers.get(signature.TIMESTAMP_HEADER, ""),
            request.headers.get(signature.SIGNATURE_HEADER, ""),
            now=time.time(),
        )


async def _parse(body: bytes) -> Callback:
    if len(body) < _LARGE:
        return read_callback(body)
    return await asyncio.to_thread(read_callback, body)


def _answer(status: int, text: str) -> web.Response:
    return web.json_response({"status": text}, status=status)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except socket.gaierror as error:
        raise SettingsError(f"HOST: {host} is no address of this machine") from error
    except OSError as error:
        raise SettingsError(
            f"PORT: {port} on {host} cannot be used ({os.strerror(error.errno or 0)})"
        ) from error


@asynccontextmanager
async def serve(receiver: Receiver, host: str, port: int) -> AsyncIterator[int]:
    """Listen on `host` and `port` (0: any free one); gives the port.

    Raises:
        SettingsError: they cannot be listened on.
    """
    # No access log: a callback's path holds its secret. A handler is given 2 s at the end, not aiohttp's 60.
    runner = web.AppRunner(receiver.application(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
