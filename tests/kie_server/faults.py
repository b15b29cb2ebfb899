"""What can be made to go wrong with a call."""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

KINDS = ("slow", "code", "page", "drop", "lost", "null", "garbage", "misescaped", "huge", "redirect")

CLOUDFLARE_PAGE = "<html><head><title>Access denied</title></head><body>error code: 1010</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `slow` waits `seconds` and goes on; `lost` does what was asked and breaks the connection; `misescaped` does it
    and answers JSON with a bare line break in it. The others do nothing and: `code` answers HTTP `status` with
    `code` in its body, `page` an HTML page with `status`, `drop` breaks the connection, `null` says 200 with
    `data: null`, `garbage` half a JSON document, `huge` sends `mebibytes` of it, `redirect` leads elsewhere.
    """

    kind: str
    seconds: float = 0.0
    status: int = 200
    code: int = 500
    message: str = "Server error"
    mebibytes: int = 2

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")


class Faults:
    """The faults that wait for the next calls of each name, first in, first out."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, call: str, fault: Fault, times: int) -> None:
        self._waiting[call].extend([fault] * times)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, call: str) -> Fault | None:
        waiting = self._waiting[call]
        return waiting.popleft() if waiting else None


async def apply(
    fault: Fault,
    request: web.Request,
    work: Callable[[], Awaitable[web.StreamResponse]],
    closing: asyncio.Event,
) -> web.StreamResponse:
    """Answer `request` as `fault` says; `work` does what was asked. Nothing waits beyond `closing`."""
    if fault.kind == "slow":
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await closing.wait()
        return await work()
    if fault.kind in {"drop", "lost"}:
        if fault.kind == "lost":
            await work()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if fault.kind == "misescaped":
        answer = await work()
        assert isinstance(answer, web.Response)
        whole = (answer.text or "").rstrip()
        return web.Response(text=whole[:-1] + ', "param": "one\ntwo \\p"}', content_type="application/json")
    return _refusal(fault)


def _refusal(fault: Fault) -> web.Response:
    if fault.kind == "page":
        return web.Response(text=CLOUDFLARE_PAGE, status=fault.status, content_type="text/html")
    if fault.kind == "null":
        return web.json_response({"code": 200, "msg": "success", "data": None})
    if fault.kind == "garbage":
        return web.Response(text='{"code":200,"msg":"succ', content_type="application/json")
    if fault.kind == "huge":
        return web.Response(
            body=b'{"code":200,"data":"' + b"x" * (fault.mebibytes << 20) + b'"}',
            content_type="application/json",
        )
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
    return web.json_response({"code": fault.code, "msg": fault.message, "data": None}, status=fault.status)
