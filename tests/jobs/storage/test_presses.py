"""What people pressed and wait for, as other processes find it."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from bot.clock import utc_now
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.presses import Press, Presses
from bot.jobs.storage.store import Store


async def test_what_nobody_works_on_any_more_is_found_and_taken_by_one(
    database: dict[str, str], tmp_path: Path
) -> None:
    now = utc_now()
    first = Press(1, 2, "token", now + timedelta(minutes=15), "de", 10_000, is_beside=False, seen_at=now)
    second = replace(first, interaction_id=3, job_id="abc", revision=4)
    async with open_database(database.get("database_url"), tmp_path) as opened:
        presses = Presses(Store(opened.transactions, opened.queue), opened.transactions, clock=lambda: now)
        await presses.keep(first)
        await presses.keep(second)
        assert await presses.left() == []
        now += timedelta(minutes=1)
        await presses.see([second])
        assert await presses.left() == [first]
        assert await presses.drop(first)
        assert not await presses.drop(first)
        await presses.see([first])
        now += timedelta(minutes=1)
        (left,) = await presses.left()
        assert (left.interaction_id, left.job_id, left.revision) == (3, "abc", 4)
