"""How fast we may ask: the account's and a task's limits at the remote API."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

GENERATIONS = 20
WINDOW_SECONDS = 10.0
"""20 new generation requests in any 10 s for an account; what goes beyond is refused, not queued."""

POLL_GAP_SECONDS = 0.4
"""3 look-ups a second for one task are allowed; 2.5 leave room for a network that bunches them."""


class Window:
    """At most `count` requests in any `seconds`, as the other end sees them.

    A place is taken before sending and is free again `seconds` after the answer: however long a request was on
    its way, the one that takes its place arrives at least that much later.
    """

    def __init__(
        self,
        count: int = GENERATIONS,
        seconds: float = WINDOW_SECONDS,
        *,
        clock: Monotonic = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._free_at: asyncio.Queue[float] = asyncio.Queue()
        for _ in range(count):
            self._free_at.put_nowait(clock())

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, first come first served, and hold it during the request."""
        free_at = await self._free_at.get()
        try:
            if (wait := free_at - self._clock()) > 0:
                await self._sleep(wait)
            free_at = float("inf")
            yield
        finally:
            # One who gave up waiting hands its place on as it was.
            self._free_at.put_nowait(min(free_at, self._clock() + self._seconds))


class Pace:
    """Keeps look-ups of one task `gap_seconds` apart; other tasks do not wait for it."""

    def __init__(
        self,
        gap_seconds: float = POLL_GAP_SECONDS,
        *,
        clock: Monotonic = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._gap_seconds = gap_seconds
        self._clock = clock
        self._sleep = sleep
        self._next_at: dict[str, float] = {}

    async def turn(self, task_id: str) -> None:
        """Wait for this task's turn."""
        now = self._clock()
        self._next_at = {task: at for task, at in self._next_at.items() if at > now}
        turn_at = self._next_at.get(task_id, now)
        self._next_at[task_id] = turn_at + self._gap_seconds
        if turn_at > now:
            await self._sleep(turn_at - now)
