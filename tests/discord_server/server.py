"""The stand-in itself: one port, the rules in front of every route, and a record of what came."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.discord_server.bodies import BODY
from tests.discord_server.faults import Fault, Faults, answer, apply, limited
from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import Interactions
from tests.discord_server.people import People
from tests.discord_server.rates import BUCKET, BUCKET_SECONDS, GLOBAL, GLOBAL_SECONDS, Rates, bucket_of
from tests.discord_server.refusals import RefusedError
from tests.discord_server.rest import Rest
from tests.discord_server.world import World

API = "/api/v10"
_BODY_LIMIT = 256 << 20
"""What aiohttp itself refuses; Discord's own 25 MiB are in `limits.py`."""


@dataclass(slots=True)
class Received:
    """A request as it came, without its token; status 0 is no answer."""

    method: str
    path: str
    body: Any = None
    status: int = 0


class DiscordServer(People):
    """Discord on loopback: REST and CDN at `url`, the gateway behind it.

    Leaving the block fails if the bot used a route that is not there, or a route of the stand-in broke.
    """

    def __init__(self, *, port: int = 0, token: str | None = None) -> None:
        """`token` is the bot's; made up if none is given."""
        world = World()
        super().__init__(world, Gateway(world))
        world.token = token or world.token
        self.faults = Faults()
        self.rates = Rates(world.clock)
        self.requests: list[Received] = []
        self.problems: list[str] = []
        self.interactions = Interactions(world)
        self._rest = Rest(world)
        self._port = port

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def api_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return self.world.address + API

    @property
    def gateway_url(self) -> str:
        """For `DiscordWebSocket.DEFAULT_GATEWAY`."""
        return self.world.address.replace("http", "ws", 1) + "/gateway"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._gate], client_max_size=_BODY_LIMIT)
        from tests.discord_server.control import routes  # noqa: PLC0415 (control.py needs this class)

        app.router.add_routes(
            [
                *self._rest.routes(API),
                *self.interactions.routes(API),
                *self.gateway.routes(),
                *routes(self),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.world.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        await self._runner.cleanup()
        if error is None and self.problems:
            raise AssertionError("; ".join(self.problems))

    def fault(self, method: str, path: str, fault: Fault, *, nth: int = 1, times: int | None = 1) -> None:
        """Let `fault` meet the calls from the `nth` on; `path` begins behind /api/v10, `*` is one piece of it."""
        self.faults.add(method, path, fault, nth=nth, times=times)

    def count(self, method: str, path_end: str) -> int:
        """How many requests came to an address that ends like this, broken ones included."""
        return sum(one.method == method and one.path.endswith(path_end) for one in self.requests)

    async def until(self, is_so: Callable[[], object], *, within_seconds: float = 20.0) -> None:
        """Wait until something the bot does has made it so.

        Raises:
            TimeoutError: it did not.
        """
        async with asyncio.timeout(within_seconds):
            while not is_so():
                await self.world.wait_for_change()

    async def connected(self) -> None:
        """Wait for a bot that is sent interactions and has made its commands known."""
        await self.until(lambda: self.gateway.is_connected and self.world.commands)

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith(("/_control/", "/gateway")):
            steered = await handler(request)
            assert isinstance(steered, web.StreamResponse)
            return steered
        path = request.path.removeprefix(API)
        received = Received(request.method, path)
        self.requests.append(received)

        async def work() -> web.StreamResponse:
            done = await self._serve(request, path, handler)
            received.body, received.status = request.get(BODY), done.status
            await self.world.changed()
            return done

        fault = self.faults.take(request.method, path)
        if fault is None:
            return await work()
        done = await apply(fault, request, work)
        received.status = 0 if fault.kind in {"lost", "drop", "reset"} else done.status
        await self.world.changed()
        return done

    async def _serve(self, request: web.Request, path: str, handler: Any) -> web.StreamResponse:
        bucket = bucket_of(request.method, path)
        try:
            if refusal := self._refusal(request, path, bucket):
                return refusal
            done = await handler(request)
        except RefusedError as error:
            done = answer(error.body(), error.status)
        except web.HTTPException as error:
            self.problems.append(f"{error.status} {request.method} {path}")
            done = answer({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)
        except Exception as error:
            self.problems.append(f"{request.method} {path}: {error!r}")
            raise
        assert isinstance(done, web.StreamResponse)
        if bucket:
            done.headers.update(self.rates.headers(bucket))
        return done

    def _refusal(self, request: web.Request, path: str, bucket: str | None) -> web.Response | None:
        """No for a wrong token, and for too much in too little time."""
        if path.startswith("/cdn/"):
            return None
        if not path.startswith(("/interactions/", "/webhooks/")):
            if request.headers.get("Authorization") != f"Bot {self.token}":
                raise RefusedError(0)
            if (wait := self.rates.take("global", GLOBAL, GLOBAL_SECONDS)) is not None:
                return limited(wait, is_global=True)
        if bucket and (wait := self.rates.take(bucket, BUCKET, BUCKET_SECONDS)) is not None:
            return limited(wait, is_global=False)
        return None
