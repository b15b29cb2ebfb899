"""Starts and stops the studio: one aiohttp server on loopback that answers as api.kie.ai and its upload host do."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog
from aiohttp import ClientSession, DummyCookieJar, web
from aiohttp.typedefs import Handler, Middleware

from bot.background import beside
from bot.errors import SettingsError
from bot.studio import replies
from bot.studio.api import Api, stem_url
from bot.studio.callbacks import PAUSES_SECONDS, Callbacks
from bot.studio.requests import RefusedError
from bot.studio.store import Store, UnixClock, open_store
from bot.studio.uploads import FILES, Uploads
from bot.studio.work import IDLE_SECONDS, Work
from bot.studio.worker import SONG_MB
from bot.web.malformed import logger_for, take_what_has_no_target
from bot.web.tally import Tally

log = structlog.get_logger(__name__)

DAY_MS: Final = 24 * 3600 * 1000
HOUR_MS: Final = 3600 * 1000
SOUND_HOURS: Final = 24
"""kie keeps uploads for 3 days; what the buttons under an answer need is asked for within one."""
RECORD_DAYS: Final = 14
"""As kie keeps them; they hold notes, and no sound."""
SWEEP_SECONDS: Final = 600.0

CLOSE_SECONDS: Final = 2.0
"""What open requests get when the studio closes."""


@dataclass(frozen=True, slots=True)
class StudioService:
    """A running studio. `url` serves as KIE_API_URL and as KIE_UPLOAD_URL."""

    url: str
    work: Work


@asynccontextmanager
async def serve(
    *,
    data_dir: Path,
    cache_dir: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    api_key: str,
    hmac_key: str | None,
    max_minutes: int,
    max_mb: int,
    song_memory_mb: int = SONG_MB,
    engine_url: str | None = None,
    sound_hours: float = SOUND_HOURS,
    record_days: float = RECORD_DAYS,
    clock: UnixClock = time.time,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    idle_seconds: float = IDLE_SECONDS,
) -> AsyncIterator[StudioService]:
    """The studio, running while the context is open; `port` 0 takes a free one.

    Everything it keeps is in `data_dir`, but for what is made once and can be made again, in `cache_dir`; tasks that an earlier run left open go on.

    With `engine_url` a MuScriptor server there hears the songs, else the built-in transcriber does. Sound is kept for `sound_hours`, what was heard in it
    for `record_days`.

    Raises:
        SettingsError: `host` is no address of this machine alone, the port is taken, or `data_dir` cannot be used.
    """
    _require_loopback(host)
    async with (
        open_store(data_dir, clock=clock) as store,
        ClientSession(cookie_jar=DummyCookieJar()) as session,
        AsyncExitStack() as stack,
    ):
        origin = ""
        callbacks = Callbacks(session, hmac_key=hmac_key, pauses_seconds=pauses_seconds, clock=clock)
        work = Work(
            store,
            callbacks,
            stem_url=lambda task: stem_url(task, origin),
            cache=cache_dir or data_dir / "cache",
            max_seconds=max_minutes * 60.0,
            song_mb=song_memory_mb,
            engine_url=engine_url,
            idle_seconds=idle_seconds,
        )
        tally = Tally()
        stack.callback(tally.close)
        runner = web.AppRunner(
            _application(Api(store, work), Uploads(store, max_mb=max_mb), api_key),
            access_log=None,
            logger=logger_for(tally),
            auto_decompress=False,  # it would be done before anybody looks at the key
            shutdown_timeout=CLOSE_SECONDS,
        )
        try:
            origin = await _listen(runner, host, port)
            async with (
                beside(work.run(), name="studio-work"),
                beside(_sweep(store, sound_hours, record_days), name="studio-sweep"),
            ):
                log.debug("studio open", url=origin)
                yield StudioService(url=origin, work=work)
        finally:
            await runner.cleanup()


def _application(api: Api, uploads: Uploads, api_key: str) -> web.Application:
    application = web.Application(middlewares=[_in_kies_shape, _only_for(api_key)])
    application.add_routes(
        [
            web.post("/api/file-stream-upload", uploads.stream),
            web.post("/api/file-base64-upload", uploads.base64),
            web.post("/api/file-url-upload", uploads.from_url),
            web.get(FILES + "/{id}/{name}", uploads.download),
            web.post("/api/v1/vocal-removal/generate", api.separate),
            web.get("/api/v1/vocal-removal/record-info", api.separation_record),
            web.post("/api/v1/midi/generate", api.generate_midi),
            web.get("/api/v1/midi/record-info", api.midi_record),
            web.get("/api/v1/generate/record-info", api.music_record),
            web.get("/api/v1/chat/credit", api.credit),
            web.post("/pianola/forget", api.forget),
        ]
    )
    return application


@web.middleware
async def _in_kies_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer is kie's envelope; refusals have HTTP status 200, as recorded."""
    try:
        return await handler(request)
    except RefusedError as refusal:
        return _refusal(refusal.code, refusal.msg, status=200)
    except web.HTTPException as error:
        return _refusal(error.status, error.reason, status=error.status)
    except (web.RequestPayloadError, ConnectionError):
        return _refusal(replies.BAD_REQUEST, "The request broke off.", status=200)
    except Exception:
        # The route's pattern, not the path: the id in a file's address is a secret.
        resource = request.match_info.route.resource
        log.exception("studio request failed", route=resource.canonical if resource else None)
        return _refusal(replies.BROKEN, "Server error", status=200)


def _only_for(api_key: str) -> Middleware:
    expected = f"Bearer {api_key}".encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not request.path.startswith(FILES + "/") and not compare_digest(given, expected):
            raise RefusedError(replies.NO_ACCESS, "You do not have access permissions")
        return await handler(request)

    return check


def _refusal(code: int, msg: str, *, status: int) -> web.Response:
    return web.Response(
        status=status, body=replies.reply(code=code, msg=msg), content_type="application/json"
    )


def _require_loopback(host: str) -> None:
    with suppress(ValueError):
        if ip_address(host).is_loopback:
            return
    raise SettingsError(
        f"the studio listens on this machine only: {host!r} is not a loopback address such as 127.0.0.1"
    )


async def _listen(runner: web.AppRunner, host: str, port: int) -> str:
    await runner.setup()
    take_what_has_no_target(runner)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(f"the studio cannot listen on {host} port {port}: {error.strerror}") from error
    address = runner.addresses[0]
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{shown}:{address[1]}"


async def _sweep(store: Store, sound_hours: float, record_days: float) -> None:
    while True:
        now = store.now_ms()
        try:
            await store.sweep(
                uploads_before_ms=now - int(sound_hours * HOUR_MS),
                tasks_before_ms=now - int(record_days * DAY_MS),
            )
        except (OSError, sqlite3.Error):
            log.exception("old files were not removed; next try in ten minutes")
        await asyncio.sleep(SWEEP_SECONDS)
