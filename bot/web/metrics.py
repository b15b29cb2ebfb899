"""`/metrics` for Prometheus, to whoever has the token."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.hdrs import METH_GET

from bot.jobs.storage.census import Census


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is looked up when it is asked for: the jobs, None while the database is away, and the credits, where known.

    `shards` are those of this process: how many seconds a heartbeat takes, None for one that is not connected.
    """

    census: Census | None = None
    credits_left: float | None = None
    servers: int = 0
    shards: Mapping[int, float | None] = field(default_factory=dict)


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
