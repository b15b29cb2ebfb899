"""The connections that are open at the port: how many at once, and how long each may last.

An answer ends its connection, so none is worth keeping: callbacks and health checks are a few a minute. Over the bound the
oldest goes, not the newest: half requests wait in their own way, and a whole one is answered within milliseconds.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from bot.web.tally import Tally

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS = 256
"""Bytes of a request's head and body wait in memory, up to 0.5 MB each."""

_SHARE = 4
"""The part of the process's descriptors that is for the port; gateway, database and downloads have the others."""

FEWEST_CONNECTIONS = 16


def connections_here() -> int:
    """How many connections this process may have at its port."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, soft // _SHARE))


@dataclass(frozen=True, slots=True)
class Limits:
    """`most` connections at once; `head_seconds` until a request's headers are there, and `life_seconds` for all of it."""

    most: int
    head_seconds: float = 15.0
    life_seconds: float = 30.0
    """Headers, a body (12 s) and an answer that is taken slowly."""


class Connections:
    """Those that are open, the oldest first."""

    def __init__(self, limits: Limits, tally: Tally) -> None:
        self._limits = limits
        self._tally = tally
        self._open: dict[asyncio.WriteTransport, bool] = {}

    def keep(self, transport: asyncio.WriteTransport | None) -> None:
        """A connection whose request knew a secret is not dropped for others."""
        if transport is not None and transport in self._open:
            self._open[transport] = True

    def factory(self, handler: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """What makes a protocol for each connection, from what makes those that answer."""
        return lambda: _Connection(self, handler())

    def enter(self, transport: asyncio.WriteTransport) -> asyncio.TimerHandle:
        """Take one in; gives what ends it when its time is over."""
        self._open[transport] = False
        if len(self._open) > self._limits.most:
            self._drop("dropped", next(one for one, is_kept in self._open.items() if not is_kept))
        return asyncio.get_running_loop().call_later(
            self._limits.life_seconds, self._drop, "too_slow", transport
        )

    def leave(self, transport: asyncio.WriteTransport) -> None:
        """It is closed."""
        self._open.pop(transport, None)

    def _drop(self, why: str, transport: asyncio.WriteTransport) -> None:
        self._tally.count(why)
        self.leave(transport)
        transport.abort()


class _Connection(asyncio.Protocol):
    """One connection, handed on to `handler`, which speaks HTTP."""

    def __init__(self, connections: Connections, handler: asyncio.Protocol) -> None:
        self._connections = connections
        self._handler = handler
        self._transport: asyncio.WriteTransport | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._handler.connection_made(transport)
        self._end = self._connections.enter(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end and self._transport:
            self._end.cancel()
            self._connections.leave(self._transport)
        self._handler.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        return self._handler.eof_received()

    def pause_writing(self) -> None:
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        self._handler.resume_writing()
