"""Visits to threads: what waits is done together, who is waited for goes first, and nobody gets another's outcome."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from bot.jobs.storage.databases.visits import Outcome, Visits


class Thread:
    """Notes what each visit brought, and lets none end before it may. A piece of work gives itself back, in capitals."""

    def __init__(self) -> None:
        self.brought: list[list[str]] = []
        self.may_end = threading.Event()
        self.visits: Visits[str] = Visits(1, "test", self._together)

    def _together(self, works: Sequence[str]) -> list[Outcome]:
        self.brought.append(list(works))
        assert self.may_end.wait(timeout=20)
        if "all fail" in works:
            raise LookupError
        return [(None, ValueError(work)) if work == "fails" else (work.upper(), None) for work in works]

    def come(self, work: str, *, first: bool = False) -> asyncio.Task[str]:
        return asyncio.create_task(self.visits.do(work, first=first), name=work)


@pytest.fixture
async def thread() -> AsyncIterator[Thread]:
    thread = Thread()
    yield thread
    thread.may_end.set()
    await thread.visits.aclose()


async def begun(thread: Thread) -> asyncio.Task[str]:
    """A visit that is under way: who comes now waits."""
    coming = thread.come("begun")
    await asyncio.sleep(0)
    return coming


async def test_those_who_wait_are_done_together_and_who_is_waited_for_before_the_others(
    thread: Thread,
) -> None:
    coming = [
        await begun(thread),
        thread.come("a"),
        thread.come("b", first=True),
        thread.come("c", first=True),
    ]
    await asyncio.sleep(0)
    thread.may_end.set()
    assert await asyncio.gather(*coming) == ["BEGUN", "A", "B", "C"]
    assert thread.brought == [["begun"], ["b", "c"], ["a"]]


async def test_one_that_fails_fails_alone(thread: Thread) -> None:
    coming = [await begun(thread), thread.come("fails"), thread.come("b")]
    await asyncio.sleep(0)
    thread.may_end.set()
    _, failed, done = await asyncio.gather(*coming, return_exceptions=True)
    assert (type(failed), done) == (ValueError, "B")


async def test_what_ends_the_visit_itself_is_told_to_all(thread: Thread) -> None:
    coming = [await begun(thread), thread.come("all fail"), thread.come("b")]
    await asyncio.sleep(0)
    thread.may_end.set()
    _, *failed = await asyncio.gather(*coming, return_exceptions=True)
    assert list(map(type, failed)) == [LookupError, LookupError]
    assert await thread.come("after it") == "AFTER IT"


async def test_who_gave_up_waiting_is_not_brought_along(thread: Thread) -> None:
    coming = [await begun(thread), thread.come("a"), thread.come("b")]
    await asyncio.sleep(0)
    coming[1].cancel()
    await asyncio.wait([coming[1]])
    thread.may_end.set()
    await asyncio.gather(*coming, return_exceptions=True)
    assert thread.brought == [["begun"], ["b"]]


async def test_who_is_cancelled_while_it_is_done_holds_up_nobody(thread: Thread) -> None:
    coming = [await begun(thread), thread.come("a"), thread.come("b")]
    await asyncio.sleep(0)
    coming[0].cancel()
    await asyncio.sleep(0)
    thread.may_end.set()
    async with asyncio.timeout(20):
        cancelled, *done = await asyncio.gather(*coming, return_exceptions=True)
    assert type(cancelled) is asyncio.CancelledError
    assert done == ["A", "B"]


@pytest.mark.parametrize(
    ("first", "count", "brought"),
    [(False, 20, [1, 8, 8, 4]), (True, 130, [1, 64, 64, 2])],
    ids=["long work", "commands"],
)
async def test_only_so_many_are_done_in_one_visit(
    thread: Thread, first: bool, count: int, brought: list[int]
) -> None:
    coming = [await begun(thread), *(thread.come(str(number), first=first) for number in range(count))]
    await asyncio.sleep(0)
    thread.may_end.set()
    await asyncio.gather(*coming)
    assert list(map(len, thread.brought)) == brought


async def test_who_still_waits_when_the_threads_end_is_told_so(thread: Thread) -> None:
    coming = [await begun(thread), thread.come("a"), thread.come("b", first=True)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(thread.visits.aclose(), name="closing")
    await asyncio.sleep(0)
    thread.may_end.set()
    await closing
    async with asyncio.timeout(20):
        done, *told = await asyncio.gather(*coming, return_exceptions=True)
    assert done == "BEGUN"
    assert list(map(type, told)) == [RuntimeError, RuntimeError]
    with pytest.raises(RuntimeError, match="closed"):
        await thread.come("after it")
