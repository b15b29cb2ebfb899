"""The connections that are open at the port: how many at once, and how long each may last.

An answer ends its connection, so none is worth keeping: callbacks and health checks are a few a minute. Over the bound the
oldest goes, not the newest: half requests wait in their own way, and a whole one is answered within milliseconds.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Protocol, cast

import msgspec

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


_HALF_CLOSED_SECONDS = 1.0
"""For a handler to begin on what came before its sender's last byte; it takes a turn of the loop."""


class Body(Protocol):
    """What comes after the headers of a request."""

    def is_eof(self) -> bool:
        """Whether all of it is there."""


class Limits(msgspec.Struct, frozen=True):
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
        self._open: dict[asyncio.WriteTransport, _Connection] = {}

    @property
    def are_too_many(self) -> bool:
        """Whether the next one costs another one its place."""
        return len(self._open) >= self.limits.most

    def keep(self, transport: asyncio.WriteTransport | None) -> None:
        """A connection whose request knew a secret is not dropped for others."""
        if transport is not None and transport in self._open:
            self._open[transport].is_kept = True

    def answering(self, transport: asyncio.WriteTransport | None, body: Body) -> None:
        """A request is being answered, with this body behind its headers."""
        if transport is not None and transport in self._open:
            self._open[transport].answers(body)

    def factory(self, handler: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """What makes a protocol for each connection, from what makes those that answer."""
        return lambda: _Connection(self, handler)

    def enter(self, transport: asyncio.WriteTransport, connection: "_Connection") -> None:
        """Take one in."""
        if self.are_too_many:
            others = (one for one, other in self._open.items() if not other.is_kept)
            self.drop("dropped", next(others, transport))
        self._open[transport] = connection

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
    """One connection. What speaks HTTP is made for it when the headers are whole: half a request costs its bytes only.

    Who sends no more is answered where all of the request is there, and closed at once where it is not.
    """

    def __init__(self, connections: Connections, make_handler: Callable[[], asyncio.Protocol]) -> None:
        self._connections = connections
        self._make_handler = make_handler
        self._handler: asyncio.Protocol | None = None
        self._head = bytearray()
        self._end: asyncio.TimerHandle | None = None
        self._body: Body | None = None
        self._is_half_closed = False
        self.is_kept = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._end_after(self._connections.limits.head_seconds)
        self._connections.enter(self._transport, self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end:
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
        self._end_after(self._connections.limits.life_seconds)
        self._handler = self._make_handler()
        self._handler.connection_made(self._transport)
        self._handler.data_received(bytes(self._head))
        self._head.clear()

    def eof_received(self) -> bool:
        """Whether this side stays open."""
        self._is_half_closed = True
        if self._handler is None:
            return False
        if self._body is not None:
            return self._body.is_eof()
        # The handler's turn comes in a moment, where the headers were those of a request.
        self._end_after(_HALF_CLOSED_SECONDS)
        return True

    def answers(self, body: Body) -> None:
        """Called when the headers became a request."""
        self._body = body
        if not self._is_half_closed:
            return
        if body.is_eof():
            self._end_after(self._connections.limits.life_seconds)
        else:
            self._transport.abort()

    def pause_writing(self) -> None:
        if self._handler:
            self._handler.pause_writing()

    def resume_writing(self) -> None:
        if self._handler:
            self._handler.resume_writing()

    def _end_after(self, seconds: float) -> None:
        if self._end:
            self._end.cancel()
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(seconds, self._connections.drop, "too_slow", self._transport)


def _is_whole(head: bytearray, looked_at: int) -> bool:
    """Whether there is something to answer: all headers, what is no HTTP from its first byte on, or too much."""
    if len(head) > _LONGEST_HEAD or not head[:1].isalpha():
        return True
    return any(head.find(end, looked_at) >= 0 for end in _HEAD_ENDS)
