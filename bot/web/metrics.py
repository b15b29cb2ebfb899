"""`/metrics` for Prometheus, to whoever has the token."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.hdrs import METH_GET

from bot.web.snapshot import Snapshot


class Metrics:
    """The route. Without its token it is as if it were not there."""

    def __init__(self, token: str, look: Callable[[], Awaitable[Snapshot]]) -> None:
        """`look` is asked at each scrape."""
        self._wanted = f"Bearer {token}".encode()
        self._look = look

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Every method comes here, so that none tells a stranger that there is something."""
        router.add_route("*", "/metrics", self._metrics)

    async def _metrics(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._wanted):
            raise web.HTTPNotFound
        if request.method != METH_GET:
            # Prometheus asks for nothing else.
            raise web.HTTPMethodNotAllowed(request.method, [METH_GET])
        snapshot = await self._look()
        body, kind = await asyncio.to_thread(_exposed, snapshot, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})


def _exposed(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    # prometheus-client takes a twentieth of a second to import: for those only who are watched.
    from bot.web.exposition import exposed  # noqa: PLC0415 (see above)

    return exposed(snapshot, accept)
