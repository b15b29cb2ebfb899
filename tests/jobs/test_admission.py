"""Who may have a song, where and how often; on SQLite and on Postgres."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.errors import InputError
from bot.jobs.admission import Admission, Asker, Limits, least
from bot.jobs.engines.opening import open_database
from bot.jobs.errors import (
    ChannelRuleError,
    CooldownError,
    MemberLimitError,
    RoleRuleError,
    ServerLimitError,
    UserLimitError,
)
from bot.jobs.model import State
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.servers import NO_RULES, Rules, Servers
from bot.jobs.storage.store import Store
from bot.jobs.storage.uses import Uses
from tests.jobs.storage.test_store import Announcements, a_job

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SERVER, CHANNEL, ROLE = 3, 9, 8
MEMBER = Asker(user_id=7, server_id=SERVER, roles=frozenset({SERVER}), places=frozenset({2}))
PAID = SongPart(Source.ADDRESS, "a.wav", None, separation=Task(NOON, "separation", listed_credits=10.0))
HAD = Callable[..., Awaitable[None]]


@pytest.fixture
async def store(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Store]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Store(opened.transactions, Announcements())  # type: ignore[arg-type]  # nothing runs here


@pytest.fixture
def servers(store: Store) -> Servers:
    return Servers(store._transactions)


@pytest.fixture
def had(store: Store) -> HAD:
    """Lets somebody have had a song."""
    numbers = itertools.count(1)

    async def had(asker: Asker, at: datetime = NOON, end: State | None = None, **given: object) -> None:
        job = a_job(next(numbers), user_id=asker.user_id, created_at=at, **given)
        await store.add(job, timedelta(0), of_server=asker.host_id)
        if end:
            await store.save(job.moved(end, at))

    return had


async def admit(admission: Admission, asker: Asker, now: datetime) -> Rules:
    rules = await admission.rules(asker)
    check = admission.limits_for(asker, rules, now)
    await admission.servers._transactions.write("checked", lambda connection: check(Uses(connection)))
    return rules


async def refused(admission: Admission, asker: Asker, now: datetime = NOON) -> InputError:
    with pytest.raises(InputError) as caught:
        await admit(admission, asker, now)
    return caught.value


async def test_without_rules_and_limits_everybody_is_let_in(store: Store, servers: Servers, had: HAD) -> None:
    admission = Admission(servers, Limits())
    for _ in range(5):
        await had(MEMBER)
    assert await admit(admission, MEMBER, NOON) == NO_RULES
    assert await admit(admission, Asker(user_id=7), NOON) == NO_RULES


async def test_a_channel_that_was_not_chosen_is_shut(store: Store, servers: Servers) -> None:
    admission = Admission(servers, Limits())
    rules = await servers.change(SERVER, channels=(CHANNEL, 10))
    error = await refused(admission, MEMBER)
    assert isinstance(error, ChannelRuleError)
    assert error.sentence == "I don't work in this channel. On this server I work in <#9>, <#10>."
    in_thread = replace(MEMBER, places=frozenset({77, CHANNEL}))
    assert await admit(admission, in_thread, NOON) == rules


async def test_who_has_none_of_the_roles_is_not_let_in(store: Store, servers: Servers) -> None:
    admission = Admission(servers, Limits())
    rules = await servers.change(SERVER, roles=(ROLE, 11))
    error = await refused(admission, MEMBER)
    assert isinstance(error, RoleRuleError)
    assert error.sentence.endswith("one of these roles: <@&8>, <@&11>.")
    with_role = replace(MEMBER, roles=frozenset({SERVER, ROLE}))
    assert await admit(admission, with_role, NOON) == rules


async def test_everybody_s_role_lets_everybody_in(store: Store, servers: Servers) -> None:
    rules = await servers.change(SERVER, roles=(SERVER,))
    assert await admit(Admission(servers, Limits()), MEMBER, NOON) == rules


async def test_managers_are_kept_out_by_no_channel_and_no_role(store: Store, servers: Servers) -> None:
    rules = await servers.change(SERVER, channels=(CHANNEL,), roles=(ROLE,))
    manager = replace(MEMBER, is_manager=True)
    assert await admit(Admission(servers, Limits()), manager, NOON) == rules


async def test_but_they_count_like_everybody(store: Store, servers: Servers, had: HAD) -> None:
    await servers.change(SERVER, songs_per_member=1)
    manager = replace(MEMBER, is_manager=True)
    await had(manager)
    assert isinstance(await refused(Admission(servers, Limits()), manager, NOON + HOUR), MemberLimitError)


@pytest.mark.parametrize("rules", [{"channels": (CHANNEL,)}, {"roles": (ROLE,)}, {"is_private": True}])
async def test_what_a_server_does_not_want_is_shown_to_nobody_but_its_guest(
    store: Store, servers: Servers, rules: dict[str, object]
) -> None:
    await servers.change(SERVER, **rules, has_preview=False, songs_per_member=1)
    guest = replace(MEMBER, is_guest=True)
    assert await admit(Admission(servers, Limits()), guest, NOON) == Rules(is_private=True)


async def test_a_guest_s_songs_are_not_the_server_s(store: Store, servers: Servers, had: HAD) -> None:
    await servers.change(SERVER, songs_per_server=1)
    admission = Admission(servers, Limits(per_server=1))
    guest = replace(MEMBER, is_guest=True)
    await had(guest)
    await admit(admission, MEMBER, NOON + HOUR)
    await had(MEMBER)
    await admit(admission, guest, NOON + HOUR)
    assert isinstance(await refused(admission, MEMBER, NOON + HOUR), ServerLimitError)


async def test_a_limit_ends_when_the_oldest_song_is_a_day_old(
    store: Store, servers: Servers, had: HAD
) -> None:
    admission = Admission(servers, Limits(per_user=2))
    await had(MEMBER, NOON)
    await had(Asker(user_id=7), NOON + HOUR)
    error = await refused(admission, MEMBER, NOON + 2 * HOUR)
    assert isinstance(error, UserLimitError)
    free_at = NOON + timedelta(days=1)
    assert error.values == {"limit": 2, "when": f"<t:{free_at.timestamp():.0f}:R>"}
    await admit(admission, MEMBER, free_at)


@pytest.mark.parametrize(
    ("rule", "error"), [("songs_per_member", MemberLimitError), ("songs_per_server", ServerLimitError)]
)
async def test_a_server_s_own_limit_counts_its_own_songs(
    store: Store, servers: Servers, had: HAD, rule: str, error: type[InputError]
) -> None:
    await servers.change(SERVER, **{rule: 1})
    admission = Admission(servers, Limits())
    await had(Asker(user_id=7))
    await had(replace(MEMBER, server_id=4))
    await admit(admission, MEMBER, NOON + HOUR)
    await had(MEMBER)
    assert type(await refused(admission, MEMBER, NOON + HOUR)) is error
    other = replace(MEMBER, user_id=17)
    if error is MemberLimitError:
        await admit(admission, other, NOON + HOUR)
    else:
        assert type(await refused(admission, other, NOON + HOUR)) is error


async def test_no_server_gives_more_than_the_owner_does(store: Store, servers: Servers, had: HAD) -> None:
    await servers.change(SERVER, songs_per_server=100)
    admission = Admission(servers, Limits(per_server=1))
    await had(MEMBER)
    assert (await refused(admission, MEMBER, NOON + HOUR)).values["limit"] == 1


@pytest.mark.parametrize(
    ("decided", "by_owner", "expected"), [(0, 0, 0), (0, 5, 5), (3, 0, 3), (3, 5, 3), (9, 5, 5)]
)
def test_nothing_decided_is_what_the_owner_set(decided: int, by_owner: int, expected: int) -> None:
    assert least(decided, by_owner) == expected


async def test_there_is_a_pause_between_two_songs_of_a_person(
    store: Store, servers: Servers, had: HAD
) -> None:
    admission = Admission(servers, Limits(cooldown=timedelta(seconds=90)))
    await had(MEMBER, NOON)
    error = await refused(admission, Asker(user_id=7), NOON + timedelta(seconds=89))
    assert isinstance(error, CooldownError)
    assert error.values["when"] == f"<t:{NOON.timestamp() + 90:.0f}:R>"
    await admit(admission, MEMBER, NOON + timedelta(seconds=90))
    await admit(admission, replace(MEMBER, user_id=17), NOON)


@pytest.mark.parametrize("end", [State.FAILED, State.CANCELLED])
async def test_what_failed_or_was_cancelled_counts_for_nothing(
    store: Store, servers: Servers, had: HAD, end: State
) -> None:
    limits = Limits(per_user=1, per_server=1, cooldown=timedelta(hours=2))
    await had(MEMBER, end=end)
    await admit(Admission(servers, limits), MEMBER, NOON + HOUR)


async def test_a_song_that_was_cancelled_when_it_had_cost_something_counts(
    store: Store, servers: Servers, had: HAD
) -> None:
    admission = Admission(servers, Limits(per_user=1))
    await had(MEMBER, end=State.CANCELLED, parts=(PAID,))
    assert isinstance(await refused(admission, MEMBER, NOON + HOUR), UserLimitError)


async def test_of_several_limits_the_one_that_ends_last_is_told(
    store: Store, servers: Servers, had: HAD
) -> None:
    admission = Admission(servers, Limits(per_user=1, per_server=2, cooldown=timedelta(minutes=5)))
    other = replace(MEMBER, user_id=17)
    await had(MEMBER, NOON)
    assert isinstance(await refused(admission, MEMBER, NOON), UserLimitError)
    await had(other, NOON + HOUR)
    await had(other, NOON + 2 * HOUR)
    error = await refused(admission, MEMBER, NOON + 3 * HOUR)
    assert isinstance(error, ServerLimitError)
    assert error.values["when"] == f"<t:{(NOON + 25 * HOUR).timestamp():.0f}:R>"
