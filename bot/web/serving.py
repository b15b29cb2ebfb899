"""How the port is served: what a request may take before anything of it is believed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.web.accepting import accepting
from bot.web.connections import Connections
from bot.web.malformed import logger_for, take_what_has_no_target
from bot.web.tally import Tally

log = structlog.get_logger(__name__)

_LONGEST_FIELD = 4096
"""Bytes of a header or of the request's first line; proxies' are some hundred, our paths under 250."""

_MOST_FIELDS = 64
"""Headers: what 256 connections can make us keep of them is 64 MB."""

_AT_ONCE = 64 * 1024
"""Bytes of a body that are read ahead of whoever wants them."""

_LAST_WORD_SECONDS = 0.25
"""Between an answer and the end of its connection, where the sender is still sending and would find it reset."""

_CLOSE_SECONDS = 2
"""What a handler is given at the end, not aiohttp's 60."""


@asynccontextmanager
async def serve(
    application: web.Application,
    host: str,
    port: int,
    *,
    connections: Connections,
    tally: Tally,
) -> AsyncIterator[int]:
    """Listen on `host` and `port` (0: any free one); gives the port.

    Nothing is inflated, and what is not read is not waited for: both would be work for whoever sends, before any secret.

    Raises:
        SettingsError: they cannot be listened on.
    """
    application.middlewares.append(_answered(connections, tally))
    runner = web.AppRunner(
        application,
        access_log=None,  # a callback's path holds its secret
        logger=logger_for(tally),
        auto_decompress=False,
        lingering_time=0,
        keepalive_timeout=connections.limits.head_seconds,
        max_line_size=_LONGEST_FIELD,
        max_field_size=_LONGEST_FIELD,
        max_headers=_MOST_FIELDS,
        read_bufsize=_AT_ONCE,
        shutdown_timeout=_CLOSE_SECONDS,
    )
    await runner.setup()
    take_what_has_no_target(runner)
    handler = cast(Callable[[], asyncio.Protocol], runner.server)  # it was set up
    try:
        async with accepting(host, port, connections, handler, tally) as bound_port:
            yield bound_port
    finally:
        await runner.cleanup()
        connections.close()
        tally.close()


def _answered(connections: Connections, tally: Tally) -> Middleware:
    """Every answer ends its connection, and no error leaves aiohttp to answer and to tell it in its own way."""

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        connections.answering(request.transport, request.content)
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            await _last_word(request, refusal)
            raise
        except Exception:
            route = request.match_info.route.resource
            if tally.count("failed"):
                log.exception("request.failed", route=route and route.canonical)
            response = web.json_response({"status": "something went wrong here"}, status=500)
        await _last_word(request, response)
        return response

    return answered


async def _last_word(request: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers["Server"] = "Pianola"
    if not request.content.is_eof():
        # Beyond what is read ahead nothing is taken from the connection meanwhile.
        with suppress(ConnectionError):  # nobody hears it any more
            await response.prepare(request)
            await response.write_eof()
            await asyncio.sleep(_LAST_WORD_SECONDS)
