"""Visits to a database's threads: what waits when a thread is free is done in one visit, and becomes lasting together.

300 commands in one moment are a few commits instead of 300, and as few ways there and back: a thread that comes back from
the disk waits up to 5 ms for a busy event loop to let it go on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

Work = TypeVar("Work")

Outcome: TypeAlias = tuple[Any, BaseException | None]
"""What a piece of work gave, or what it raised."""

_MOST_FIRST = 64
"""Commands that share a visit: about 30 ms."""

_MOST_OTHERS = 8
"""Pieces of other work. They may be long, and who is waited for comes after them."""


class _Waiting(Generic[Work]):
    """A piece of work, from when it is asked for until its outcome is known."""

    __slots__ = ("outcome", "visit", "work")

    def __init__(self, work: Work, outcome: asyncio.Future[Any]) -> None:
        self.work = work
        self.outcome = outcome
        self.visit: asyncio.Future[list[Outcome]] | None = None


class Visits(Generic[Work]):
    """At most one visit to each thread. Who comes `first` goes before all others; within a kind, who came earlier."""

    def __init__(self, threads: int, name: str, together: Callable[[Sequence[Work]], list[Outcome]]) -> None:
        """`together` is called in a thread with the work of a visit; what it raises is the outcome of each piece."""
        self._threads = ThreadPoolExecutor(threads, name)
        self._free = threads
        self._together = together
        self._first: deque[_Waiting[Work]] = deque()
        self._others: deque[_Waiting[Work]] = deque()
        self._is_closed = False

    async def do(self, work: Work, *, first: bool) -> Any:
        """What a piece of work gives. Who is cancelled leaves when it is known what was written.

        Raises:
            RuntimeError: there are no more visits.
        """
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        line = self._first if first else self._others
        line.append(waiting)
        self._set_off()
        try:
            return await waiting.outcome
        except asyncio.CancelledError:
            if waiting.visit is not None:
                # A thread cannot be called back.
                await asyncio.wait([waiting.visit])
            elif waiting in line:
                line.remove(waiting)
            raise

    async def aclose(self) -> None:
        """Wait for what the threads are at; nothing else is begun."""
        self._is_closed = True
        await asyncio.to_thread(self._threads.shutdown)

    def _set_off(self) -> None:
        while self._free and (
            taken := _taken(self._first, _MOST_FIRST) or _taken(self._others, _MOST_OTHERS)
        ):
            if self._is_closed:
                _tell(taken, [(None, RuntimeError("the database is closed"))] * len(taken))
                continue
            works = [waiting.work for waiting in taken]
            visit = asyncio.get_running_loop().run_in_executor(self._threads, self._together, works)
            self._free -= 1
            for waiting in taken:
                waiting.visit = visit
            visit.add_done_callback(partial(self._come_back, taken))

    def _come_back(self, taken: Sequence[_Waiting[Work]], visit: asyncio.Future[list[Outcome]]) -> None:
        self._free += 1
        failed = visit.exception()
        outcomes = [(None, failed)] * len(taken) if failed else visit.result()
        _tell(taken, outcomes)
        self._set_off()


def _taken(line: deque[_Waiting[Work]], most: int) -> list[_Waiting[Work]]:
    return [line.popleft() for _ in range(min(most, len(line)))]


def _tell(taken: Sequence[_Waiting[Any]], outcomes: Sequence[Outcome]) -> None:
    for waiting, (result, error) in zip(taken, outcomes, strict=True):
        if waiting.outcome.cancelled():
            continue
        if error is None:
            waiting.outcome.set_result(result)
        else:
            waiting.outcome.set_exception(error)
