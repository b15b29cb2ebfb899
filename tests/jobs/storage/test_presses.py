"""What people pressed and wait for, as other processes find it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.clock import utc_now
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.presses import SEEN_EVERY, Press, Presses
from bot.jobs.storage.store import Store

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


class Processes:
    """Two of them, on one database."""

    def __init__(self, store: Store, transactions: Any) -> None:
        self.store, self.clock = store, Clock()
        self.one, self.other = (Presses(store, transactions, self.clock) for _ in range(2))

    def press(self, interaction_id: int = 1) -> Press:
        now = self.clock()
        return Press(
            interaction_id, 2, "token", now + 15 * MINUTE, "de", 10_000, is_beside=False, seen_at=now
        )


@pytest.fixture
async def processes(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Processes]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Processes(Store(opened.transactions, opened.queue), opened.transactions)


async def test_what_nobody_works_on_any_more_is_found(processes: Processes) -> None:
    first = processes.press()
    second = replace(first, interaction_id=3, job_id="abc", revision=4)
    await processes.one.keep(first)
    await processes.one.keep(second)
    assert await processes.other.left() == []
    processes.clock.now += MINUTE
    await processes.one.see([second])
    assert await processes.other.left() == [first]
    await processes.one.drop(first)
    await processes.one.see([first])
    processes.clock.now += MINUTE
    (left,) = await processes.other.left()
    assert (left.interaction_id, left.job_id, left.revision) == (3, "abc", 4)


async def test_who_misses_one_turn_to_say_so_is_still_at_work(processes: Processes) -> None:
    await processes.one.keep(processes.press())
    processes.clock.now += 2 * SEEN_EVERY
    assert await processes.other.left() == []


async def test_where_nothing_is_worked_on_nothing_is_written(processes: Processes) -> None:
    await processes.one.see([])
    assert await processes.other.left() == []


async def test_what_was_left_is_taken_by_one_and_again_where_that_one_ends_too(processes: Processes) -> None:
    await processes.one.keep(processes.press())
    processes.clock.now += MINUTE
    (left,) = await processes.one.left()
    assert await processes.one.take(left)
    assert not await processes.other.take(left)
    processes.clock.now += MINUTE
    assert await processes.other.take(left)
    await processes.other.drop(left)
    processes.clock.now += MINUTE
    assert not await processes.one.take(left)


async def test_after_a_database_was_away_those_who_live_have_time_to_say_so(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_away(_beginning: str) -> dict[str, str]:
        raise OSError("away")

    press = processes.press()
    await processes.one.keep(press)
    processes.clock.now += MINUTE
    with monkeypatch.context() as away:
        away.setattr(processes.store, "facts_named", is_away)
        with pytest.raises(OSError, match="away"):
            await processes.other.left()
    assert await processes.other.left() == []
    processes.clock.now += MINUTE
    assert [one.interaction_id for one in await processes.other.left()] == [press.interaction_id]


async def test_what_another_version_kept_is_left_to_it(processes: Processes) -> None:
    await processes.store.keep_fact("press 5", '{"interaction": 5}')
    await processes.one.keep(processes.press(6))
    processes.clock.now += MINUTE
    assert [press.interaction_id for press in await processes.other.left()] == [6]
