"""What can be made to go wrong with a request."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

KINDS = ("slow", "lost", "drop", "reset", "status", "code", "limited", "banned")

BAN_PAGE = "<html><head><title>Access denied</title></head><body>error code: 1015</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `slow` waits `seconds` and goes on; `lost` does what was asked and breaks the connection. The others do nothing
    and: `drop` closes the connection, `reset` resets it (RST), `status` answers HTTP `status` without a code,
    `code` answers HTTP `status` with `code`, `limited` answers 429 with `seconds` to wait, `is_global` or not,
    `banned` answers 429 as the network before Discord does: a page, and no `Via`.
    """

    kind: str
    seconds: float = 0.0
    status: int = 503
    code: int = 0
    message: str = "a fault of the stand-in"
    is_global: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")


@dataclass(slots=True)
class _Rule:
    method: str
    pattern: re.Pattern[str]
    fault: Fault
    nth: int
    times: int | None
    seen: int = 0

    def meets(self, method: str, path: str) -> bool:
        if self.method not in {method, "*"} or not self.pattern.fullmatch(path):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class Faults:
    """Rules, asked in the order in which they were set; a call counts for all of them."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, method: str, path: str, fault: Fault, *, nth: int = 1, times: int | None = 1) -> None:
        """Let `fault` meet calls `nth` to `nth + times - 1` from now on; `times` None is for ever.

        `*` in `path` stands for one piece of it: `/webhooks/*/*/messages/@original`.
        """
        pattern = re.compile(re.escape(path).replace(r"\*", "[^/]+"))
        self._rules.append(_Rule(method, pattern, fault, nth, times))

    def clear(self) -> None:
        self._rules.clear()

    def take(self, method: str, path: str) -> Fault | None:
        met = [rule.fault for rule in self._rules if rule.meets(method, path)]
        return met[0] if met else None


async def apply(
    fault: Fault, request: web.Request, work: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer `request` as `fault` says; `work` does what was asked."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work()
    if fault.kind == "lost":
        await work()
    elif not request.content.at_eof():
        # What is still on its way in would be answered by the kernel with a reset.
        await request.read()
    if fault.kind in {"lost", "drop", "reset"}:
        _break(request, hard=fault.kind == "reset")
        return web.Response()
    if fault.kind == "limited":
        return limited(fault.seconds, is_global=fault.is_global)
    if fault.kind == "banned":
        return web.Response(text=BAN_PAGE, status=429, content_type="text/html", headers={"Retry-After": "1"})
    named = {"code": fault.code} if fault.kind == "code" else {}
    return answer({"message": fault.message, **named}, fault.status)


def _break(request: web.Request, *, hard: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if hard:
        # Lingering for 0 s makes the kernel send RST in the place of FIN.
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def limited(seconds: float, *, is_global: bool, scope: str = "user") -> web.Response:
    """The 429 of Discord itself: `Via` tells it from the network's."""
    headers = {
        "Via": "1.1 google",
        "Retry-After": str(max(1, round(seconds))),
        "X-RateLimit-Scope": "global" if is_global else scope,
        **({"X-RateLimit-Global": "true"} if is_global else {}),
    }
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": is_global}
    return answer(body, 429, headers)


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with exactly `application/json`: discord.py takes a type with a charset for text."""
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
