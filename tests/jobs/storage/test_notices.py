"""What the owner says to all, on SQLite and on Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.jobs.engines.opening import Database, open_database
from bot.jobs.storage.notices import News, Notices
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import told

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Time:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def opened(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield opened


@pytest.fixture
def store(opened: Database, time: Time) -> Store:
    return Store(opened.transactions, opened.queue, time)


@pytest.fixture
def notices(store: Store, time: Time) -> Notices:
    return Notices(store, time)


async def newest(notices: Notices) -> News:
    news = await notices.news()
    assert news is not None
    return news


async def test_a_pause_is_the_same_for_all_until_it_is_over(notices: Notices, store: Store) -> None:
    assert await notices.paused() is None
    await notices.pause("Back at eight.")
    await notices.pause("Back at nine.")
    assert await Notices(store).paused() == "Back at nine."
    assert await notices.resume()
    assert await notices.paused() is None
    assert not await notices.resume()


async def test_news_are_told_once_each(notices: Notices, time: Time) -> None:
    assert await notices.news() is None
    await notices.announce("Drums")
    news = await newest(notices)
    assert await notices.is_first_told(1, news)
    assert not await notices.is_first_told(1, news)
    assert await notices.is_first_told(2, news)
    time.now += timedelta(seconds=1)
    await notices.announce("Bass")
    assert await notices.is_first_told(1, await newest(notices))
    # A process that read the older ones has nothing to tell any more.
    assert not await notices.is_first_told(1, news)


async def test_of_several_answers_at_once_one_has_the_news(notices: Notices) -> None:
    await notices.announce("Drums")
    news = await newest(notices)
    told_each = await asyncio.gather(*(notices.is_first_told(1, news) for _ in range(5)))
    assert sorted(told_each) == [False] * 4 + [True]


async def test_news_are_over_after_a_week_or_when_they_are_taken_back(notices: Notices, time: Time) -> None:
    await notices.announce("Drums")
    time.now += 7 * DAY - timedelta(seconds=1)
    assert (await newest(notices)).text == "Drums"
    time.now += timedelta(seconds=1)
    assert await notices.news() is None
    await notices.announce("Bass")
    await notices.announce(None)
    assert await notices.news() is None


async def test_who_was_told_is_forgotten_with_them_or_with_the_news(
    notices: Notices, store: Store, opened: Database, time: Time
) -> None:
    await notices.announce("Drums")
    news = await newest(notices)
    for user in (1, 2):
        await notices.is_first_told(user, news)
    everybody = sa.select(told.c.user_id)
    await store.forget(1)
    assert list(await opened.transactions.scalars(everybody)) == [2]
    time.now += 7 * DAY
    await store.sweep(30 * DAY)
    assert list(await opened.transactions.scalars(everybody)) == [2]
    time.now += timedelta(seconds=1)
    await store.sweep(30 * DAY)
    assert list(await opened.transactions.scalars(everybody)) == []
