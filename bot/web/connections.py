"""The connections that are open at the port: how many at once, and how long each may last.

An answer ends its connection, so none is worth keeping: callbacks and health checks are a few a minute. Over the bound the
oldest goes, not the newest: half requests wait in their own way, and a whole one is answered within milliseconds.
"""

import asyncio
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from bot.web.tally import Tally

MOST_CONNECTIONS = 256
"""What waits in memory of each is up to 0.4 MB."""

_SHARE = 4
"""The part of the process's descriptors that is for the port; gateway, database and downloads have the others."""

FEWEST_CONNECTIONS = 16

_LONGEST_HEAD = 16 * 1024
"""Bytes that are kept until a request's headers are whole; whoever sends more is read by the parser, which has its own bounds."""

_HEAD_ENDS = (b"\n\r\n", b"\n\n")


def connections_here() -> int:
    """How many connections this process may have at its port."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, soft // _SHARE))


@dataclass(frozen=True, slots=True)
class Limits:
    """`most` connections at once; `head_seconds` until a request's headers are there, `life_seconds` for the rest of it."""

    most: int
    head_seconds: float = 15.0
    life_seconds: float = 30.0
    """A body (12 s), and an answer that is taken slowly."""


class Connections:
    """Those that are open, the oldest first."""

    def __init__(self, limits: Limits, tally: Tally) -> None:
        self.limits = limits
        self._tally = tally
        self._open: dict[asyncio.WriteTransport, bool] = {}

    @property
    def are_too_many(self) -> bool:
        """Whether the next one costs another one its place."""
        return len(self._open) >= self.limits.most

    def keep(self, transport: asyncio.WriteTransport | None) -> None:
        """A connection whose request knew a secret is not dropped for others."""
        if transport is not None and transport in self._open:
            self._open[transport] = True

    def factory(self, handler: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """What makes a protocol for each connection, from what makes those that answer."""
        return lambda: _Connection(self, handler)

    def enter(self, transport: asyncio.WriteTransport) -> None:
        """Take one in."""
        if self.are_too_many:
            self.drop("dropped", next((one for one, is_kept in self._open.items() if not is_kept), transport))
        self._open[transport] = False

    def leave(self, transport: asyncio.WriteTransport) -> None:
        """It is closed."""
        self._open.pop(transport, None)

    def close(self) -> None:
        """End all that are left."""
        for transport in list(self._open):
            transport.abort()

    def drop(self, why: str, transport: asyncio.WriteTransport) -> None:
        """Close one that is not worth its place."""
        self._tally.count(why)
        self.leave(transport)
        transport.abort()


class _Connection(asyncio.Protocol):
    """One connection. What speaks HTTP is made for it when the headers are whole: half a request costs its bytes only."""

    def __init__(self, connections: Connections, make_handler: Callable[[], asyncio.Protocol]) -> None:
        self._connections = connections
        self._make_handler = make_handler
        self._handler: asyncio.Protocol | None = None
        self._head = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._end = self._after(self._connections.limits.head_seconds)
        self._connections.enter(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        self._connections.leave(self._transport)
        if self._handler:
            self._handler.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._handler:
            self._handler.data_received(data)
            return
        looked_at = max(0, len(self._head) - 2)
        self._head += data
        if _is_whole(self._head, looked_at):
            self._begin()

    def _begin(self) -> None:
        self._end.cancel()
        self._end = self._after(self._connections.limits.life_seconds)
        self._handler = self._make_handler()
        self._handler.connection_made(self._transport)
        self._handler.data_received(bytes(self._head))
        self._head.clear()

    def eof_received(self) -> bool | None:
        return self._handler.eof_received() if self._handler else None

    def pause_writing(self) -> None:
        if self._handler:
            self._handler.pause_writing()

    def resume_writing(self) -> None:
        if self._handler:
            self._handler.resume_writing()

    def _after(self, seconds: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(
            seconds, self._connections.drop, "too_slow", self._transport
        )


def _is_whole(head: bytearray, looked_at: int) -> bool:
    """Whether there is something to answer: all headers, what is no HTTP from its first byte on, or too much."""
    if len(head) > _LONGEST_HEAD or not head[:1].isalpha():
        return True
    return any(head.find(end, looked_at) >= 0 for end in _HEAD_ENDS)
