"""The rules of servers, on SQLite and on Postgres."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from bot.jobs.engines.opening import Database, open_database
from bot.jobs.storage.servers import NO_RULES, Rules, Servers
from bot.jobs.storage.tables import servers as table
from bot.kie.separation import Separation


@pytest.fixture
async def opened(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield opened


@pytest.fixture
def servers(opened: Database) -> Servers:
    return Servers(opened.transactions)


async def test_where_nobody_decided_anything_all_is_open(servers: Servers) -> None:
    rules = await servers.rules(3)
    assert rules == NO_RULES
    assert not any((rules.roles, rules.channels, rules.songs_per_member, rules.songs_per_server))
    assert (rules.separation_type, rules.is_private, rules.has_preview) == (None, False, True)


async def test_what_was_decided_is_in_force_there_and_nowhere_else(servers: Servers) -> None:
    decided = Rules(
        roles=(2**62, 8),
        channels=(9,),
        songs_per_member=2,
        songs_per_server=20,
        separation_type=Separation.ALL_STEMS,
        is_private=True,
        has_preview=False,
    )
    assert await servers.change(3, **msgspec.structs.asdict(decided)) == decided
    assert await servers.rules(3) == decided
    assert await servers.rules(4) == NO_RULES


async def test_one_rule_changes_without_the_others(servers: Servers) -> None:
    await servers.change(3, channels=(9,), is_private=True)
    await servers.change(3, is_private=False)
    assert await servers.rules(3) == Rules(channels=(9,))


async def test_of_two_managers_at_once_neither_loses(servers: Servers) -> None:
    await asyncio.gather(servers.change(3, roles=(8,)), servers.change(3, channels=(9,)))
    assert await servers.rules(3) == Rules(roles=(8,), channels=(9,))


async def test_another_process_sees_it_at_once(servers: Servers, opened: Database) -> None:
    await servers.rules(3)
    await Servers(opened.transactions).change(3, roles=(8,))
    assert (await servers.rules(3)).roles == (8,)


async def test_rules_of_another_version_are_read(servers: Servers, opened: Database) -> None:
    await servers.change(3, roles=(8,))
    newer = sa.update(table).values(document=b'{"roles": [8], "of_tomorrow": 1}')
    await opened.transactions.write("rules of tomorrow", lambda connection: connection.execute(newer))
    assert await servers.rules(3) == Rules(roles=(8,))
