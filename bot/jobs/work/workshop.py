"""Where notes are worked on, off the event loop: one thread, and for very long songs a process of their own."""

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar, cast

import structlog

from bot import helper
from bot.errors import SongTooHeavyError
from bot.jobs.work.places import Places
from bot.rounds import Whose

log = structlog.get_logger(__name__)

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

MANY_NOTES = 50_000
"""From here on a thread's hold on the interpreter stops the loop for over 20 ms; a process takes a second to start."""

BYTES_A_NOTE = 100
"""Of a studio's JSON."""

MOST_SECONDS = 90.0
"""400 000 notes take 10 s on one core, and on a small host with other work a few times that."""


def _logged(done: Future[object]) -> None:
    if not done.cancelled() and (error := done.exception()):
        log.warning("rehearsal.failed", exc_info=error)


class Workshop:
    """Does one thing at a time, for one person after the other.

    Two songs at once would only share the interpreter, and the loop's lag would add up.
    """

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._one_thread = Places(1)
        self._one_process = Places(1)

    def prepare(self, work: Callable[[], object]) -> None:
        """Do in the thread, when it is free, what later calls are then spared; that it failed is only logged."""
        self._thread.submit(work).add_done_callback(_logged)

    async def do(
        self,
        whose: Whose,
        notes: int,
        work: Callable[_Given, _Made],
        *given: _Given.args,
        **named: _Given.kwargs,
    ) -> _Made:
        """What `work` returns, done where a song of so many notes holds nobody up. All of it can be pickled.

        Raises:
            SongTooHeavyError: it took more time or memory than a song is worth.
            Exception: whatever `work` raises.
        """
        call = partial(work, *given, **named)
        if notes < MANY_NOTES:
            async with self._one_thread.place(whose):
                return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        async with self._one_process.place(whose):
            return await _in_a_process(call)


async def _in_a_process(call: Callable[[], _Made]) -> _Made:
    # What goes there and what comes back is up to 30 MB.
    given = await asyncio.to_thread(pickle.dumps, call, pickle.HIGHEST_PROTOCOL)
    try:
        answer = await helper.answer("-m", "bot.jobs.work", given=given, seconds=MOST_SECONDS)
    except helper.HelperError as error:
        # It would end in the same way the next time: this is an answer, and not tried again.
        raise SongTooHeavyError(str(error)) from error
    made, is_error = await asyncio.to_thread(pickle.loads, answer)
    if is_error:
        raise cast("Exception", made)
    return cast("_Made", made)


@asynccontextmanager
async def workshop() -> AsyncIterator[Workshop]:
    """A workshop, open until the block is left."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="music")
    try:
        yield Workshop(thread)
    finally:
        await asyncio.to_thread(thread.shutdown, cancel_futures=True)
