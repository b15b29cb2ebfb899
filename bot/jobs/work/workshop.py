"""Where notes are worked on, off the event loop: one thread, and for very long songs a process of their own."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

MANY_NOTES = 50_000
"""From here on a thread's hold on the interpreter stops the loop for over 20 ms; a process takes a second to start."""

BYTES_A_NOTE = 100
"""Of a studio's JSON."""


class Workshop:
    """Does one thing at a time: two songs at once would only share the interpreter, and the loop's lag would add up."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._one_process = asyncio.Semaphore(1)

    async def do(
        self, notes: int, work: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs
    ) -> _Made:
        """What `work` returns, done where a song of so many notes holds nobody up. All of it can be pickled."""
        call = partial(work, *given, **named)
        if notes < MANY_NOTES:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        async with self._one_process:
            # In a thread, because starting a process writes to it and waits.
            return await asyncio.to_thread(_in_a_process, call)


def _in_a_process(call: Callable[[], _Made]) -> _Made:
    # Spawned, because a fork of a process with threads may hang; ended at once, because it takes 90 MB.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(call).result()


@asynccontextmanager
async def workshop() -> AsyncIterator[Workshop]:
    """A workshop, open until the block is left."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="music")
    try:
        yield Workshop(thread)
    finally:
        await asyncio.to_thread(thread.shutdown, cancel_futures=True)
