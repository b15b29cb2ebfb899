"""What the processes of one database tell each other of their shards."""

from datetime import timedelta
from pathlib import Path

from bot.chat.discord.shards import told_of
from bot.clock import utc_now
from bot.findings import Grade
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.gateways import SAID_EVERY, Gateways
from bot.jobs.storage.store import Store
from bot.language import ENGLISH


async def test_all_shards_are_heard_of_and_one_that_is_silent_is_missed(
    database: dict[str, str], tmp_path: Path
) -> None:
    now = utc_now()
    async with open_database(database.get("database_url"), tmp_path) as opened:
        store = Store(opened.transactions, opened.queue)
        gateways = Gateways(store, opened.transactions, clock=lambda: now)
        assert await gateways.heard() == (set(), 0)
        await gateways.say(0, [0, 1], 300)
        await gateways.say(2, [2], 150)
        assert await gateways.heard() == ({0, 1, 2}, 450)
        now += timedelta(minutes=2)
        await gateways.say(0, [0], 200)
        assert await gateways.heard() == ({0, 2}, 350)
        now += timedelta(minutes=2)
        assert await gateways.heard() == ({0}, 200)


async def test_who_misses_one_turn_to_say_so_is_not_missed(tmp_path: Path) -> None:
    now = utc_now()
    async with open_database(None, tmp_path) as opened:
        gateways = Gateways(Store(opened.transactions, opened.queue), opened.transactions, clock=lambda: now)
        await gateways.say(0, [0], 300)
        now += 2 * SAID_EVERY
        assert await gateways.heard() == ({0}, 300)


def test_the_owner_is_told_of_shards_where_there_are_several() -> None:
    assert told_of(1, {0}, 10) is None
    fine, broken = told_of(3, {0, 1, 2}, 2600), told_of(6, {0, 4}, 900)
    assert fine
    assert fine.grade is Grade.FINE
    assert fine.said(ENGLISH) == "all 3 shards are connected, with 2600 servers"
    assert broken
    assert broken.grade is Grade.BROKEN
    assert broken.said(ENGLISH) == "of 6 shards these are not connected: 1-3, 5"
