"""The client: what it does with errors, who owns it, and how several processes share one bot."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands
from sqlalchemy.exc import OperationalError

from bot.chat.discord import client as module
from bot.chat.discord.client import Pianola, errors_told, offered
from bot.errors import DiscordBusyError, NothingSavedError, PianolaError, SongGoneError
from tests.chat.press import Press


class _DriverError(Exception):
    sqlstate = "57P01"


AWAY = OperationalError("SELECT 1", {}, _DriverError("terminating connection"))
BUSY: Any = SimpleNamespace(status=503, reason="busy")


class Claims:
    """The database of several processes, where others were first as often as is said, or which is away."""

    def __init__(self, others: int = 0, failure: Exception | None = None) -> None:
        self.others, self.failure = others, failure
        self.asked: list[timedelta] = []

    async def claim(self, _what: str, lasts: timedelta) -> bool:
        self.asked.append(lasts)
        if self.failure:
            raise self.failure
        self.others -= 1
        return self.others < 0

    async def fact(self, _name: str) -> None:
        """It keeps none."""

    async def keep_fact(self, _name: str, _fact: str) -> None:
        """It keeps none."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client slept, without sleeping."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(module, "asyncio", SimpleNamespace(sleep=sleep))
    return found


def a_client(**parts: object) -> Any:
    """The client with only these parts of it."""
    made = Pianola.__new__(Pianola)
    for name, part in parts.items():
        setattr(made, name, part)
    return made


async def test_while_one_types_a_fault_of_ours_is_not_taken_for_a_database_that_is_away() -> None:
    async def look() -> list[str]:
        raise KeyError("a fault of ours")

    with pytest.raises(KeyError, match="a fault of ours"):
        await offered(look())


async def test_while_one_types_and_the_database_is_away_nothing_is_offered() -> None:
    async def look() -> list[str]:
        raise AWAY

    assert await offered(look()) == []


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (AWAY, NothingSavedError()),
        (discord.HTTPException(BUSY, {"code": 0, "message": "busy"}), DiscordBusyError()),
        (KeyError("a secret"), PianolaError()),
        (SongGoneError(), SongGoneError()),
    ],
)
async def test_whatever_goes_wrong_at_a_control_is_told_in_a_sentence(
    failure: Exception, told: PianolaError
) -> None:
    press: Any = Press()
    async with errors_told(press):
        raise failure
    assert press.said == [told.sentence]


@pytest.mark.parametrize(
    ("failure", "told"),
    [(app_commands.CheckFailure(), []), (app_commands.AppCommandError(), [PianolaError().sentence])],
)
async def test_a_command_that_was_refused_where_it_was_checked_is_told_once(
    failure: app_commands.AppCommandError, told: list[str]
) -> None:
    press: Any = Press()
    await a_client()._on_command_error(press, failure)
    assert press.said == told


def test_the_bot_belongs_to_its_owner_or_to_those_of_the_team_who_may_change_it() -> None:
    accepted, developer = discord.TeamMembershipState.accepted, discord.TeamMemberRole.developer
    members = [
        SimpleNamespace(id=6, membership_state=accepted, role=developer),
        SimpleNamespace(id=7, membership_state=accepted, role=discord.TeamMemberRole.read_only),
        SimpleNamespace(id=8, membership_state=discord.TeamMembershipState.invited, role=developer),
    ]
    alone = SimpleNamespace(team=None, owner=SimpleNamespace(id=5))
    team = SimpleNamespace(team=SimpleNamespace(owner_id=9, members=members), owner=SimpleNamespace(id=5))

    def owners(application: object) -> set[int]:
        bot: Any = SimpleNamespace(application=application)
        return {user for user in range(5, 11) if Pianola.belongs_to(bot, user)}

    assert owners(None) == set()
    assert owners(alone) == {5}
    assert owners(team) == {6, 9}


async def test_a_shard_that_fails_for_hours_is_begun_again_every_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    async def launch(_self: object, _gateway: object, _shard: int, *, initial: bool) -> None:
        assert not initial

    monkeypatch.setattr(discord.AutoShardedClient, "launch_shard", launch)
    bot = a_client(_launches=Counter())
    for _ in range(12):
        await bot.launch_shard(None, 0)
    # discord.py itself waits 5 s before each.
    assert [pause + 5 for pause in pauses[:3]] == [10, 20, 40]
    assert pauses[-1] + 5 == 900


async def test_of_several_processes_one_identifies_at_a_time(pauses: list[float]) -> None:
    claims = Claims(others=2)
    await a_client(shard_ids=[0], store=claims).before_identify_hook(0)
    assert pauses == [1, 1]
    assert set(claims.asked) == {timedelta(seconds=5)}


async def test_a_single_process_asks_nobody_before_it_identifies() -> None:
    claims = Claims()
    async with asyncio.timeout(10):
        await a_client(shard_ids=None, store=claims).before_identify_hook(0, initial=True)
    assert claims.asked == []


async def test_a_database_that_is_away_keeps_nobody_from_identifying(pauses: list[float]) -> None:
    await a_client(shard_ids=[0], store=Claims(failure=AWAY)).before_identify_hook(0)
    assert pauses == [5]
    with pytest.raises(KeyError):
        await a_client(shard_ids=[0], store=Claims(failure=KeyError("ours"))).before_identify_hook(0)


class Tree:
    """Commands, and how often Discord was told of them."""

    translator = None

    def __init__(self) -> None:
        self.synced = 0

    def get_commands(self) -> list[Any]:
        return []

    async def sync(self) -> None:
        self.synced += 1


@pytest.mark.parametrize(
    ("shard_ids", "others", "synced"),
    [([0], 0, 1), ([0], 1, 0), (None, 1, 1)],
    ids=["first", "later", "alone"],
)
async def test_of_processes_that_start_together_one_makes_the_commands_known(
    shard_ids: list[int] | None, others: int, synced: int
) -> None:
    claims, tree = Claims(others), Tree()
    bot: Any = SimpleNamespace(
        tree=tree,
        application_id=1,
        _always_sync=False,
        store=claims,
        shard_ids=shard_ids,
        commands_are_known=False,
    )
    assert await Pianola.make_commands_known(bot) is bool(synced)
    assert (tree.synced, bot.commands_are_known) == (synced, bool(synced))
    assert set(claims.asked) <= {timedelta(seconds=30)}


async def test_a_single_process_counts_its_own_shards_and_servers() -> None:
    bot: Any = SimpleNamespace(
        shard_ids=None, connected=SimpleNamespace(here={0}), guilds=[1, 2], gateways=None
    )
    await Pianola.say_connected(bot)  # to nobody
    assert await Pianola.reach(bot) == ({0}, 2)
