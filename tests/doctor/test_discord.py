"""What the doctor learns from Discord: the token, the installation, the connections, the clock."""

import time

import pytest
from discord.http import Route

from bot.doctor import discord as module
from bot.findings import Grade
from tests.discord_server import DiscordServer, Fault
from tests.doctor.conftest import examined
from tests.process.bot_process import free_port


async def test_a_good_token_is_told_with_its_name_and_its_invite_link(discord: DiscordServer) -> None:
    said = await examined("discord", discord_token=discord.token)
    assert said.worst is Grade.FINE
    said.that("it belongs to Pianola")
    said.that("1000 of 1000 connections are left for today")
    said.that("the clock is right")
    link = f"client_id={discord.world.bot.id}&scope=bot+applications.commands&permissions=274877942784"
    said.that(f"https://discord.com/oauth2/authorize?{link}")


async def test_a_refused_token_is_told_and_not_shown(discord: DiscordServer) -> None:
    said = await examined("discord", discord_token="hidden.word.here")
    refused = said.that("Discord refuses DISCORD_TOKEN")
    assert refused.grade is Grade.BROKEN
    assert "Reset it at discord.com/developers/applications" in refused.advised
    assert "hidden" not in said.all_text


async def test_quotes_around_the_token_do_no_harm(discord: DiscordServer) -> None:
    said = await examined("discord", discord_token=f'"{discord.token}"')
    assert said.worst is Grade.FINE


@pytest.mark.parametrize("fault", [Fault("limited", seconds=3600), Fault("banned")], ids=lambda one: one.kind)
async def test_an_address_that_is_let_in_no_more_is_told(discord: DiscordServer, fault: Fault) -> None:
    discord.fault("GET", "/users/@me", fault)
    said = await examined("discord", discord_token=discord.token)
    seconds = 3600 if fault.kind == "limited" else 1
    assert said.that(f"Discord is blocking this machine's address for {seconds} s").grade is Grade.BROKEN


@pytest.mark.parametrize("path", ["/users/@me", "/applications/@me", "/gateway/bot"])
async def test_trouble_at_discord_is_told(discord: DiscordServer, path: str) -> None:
    discord.fault("GET", path, Fault("status", status=503))
    said = await examined("discord", discord_token=discord.token)
    assert said.that("Discord answers with HTTP 503").grade is Grade.BROKEN


async def test_a_connection_that_breaks_is_told(discord: DiscordServer) -> None:
    discord.fault("GET", "/users/@me", Fault("drop"), times=None)
    said = await examined("discord", discord_token=discord.token)
    assert said.that("Discord cannot be reached: ServerDisconnectedError").grade is Grade.BROKEN


async def test_a_discord_that_is_not_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{free_port()}/api/v10")
    said = await examined("discord", discord_token="a.b.c")
    assert said.that("Discord cannot be reached: Connection refused").grade is Grade.BROKEN


@pytest.mark.parametrize(
    ("application", "words", "grade"),
    [
        ({"interactions_endpoint_url": "https://x.example"}, "Interactions Endpoint URL", Grade.BROKEN),
        ({"bot_require_code_grant": True}, "OAuth2 code grant", Grade.BROKEN),
        ({"integration_types_config": {"1": {}}}, "Guild Install is off", Grade.WEAK),
        ({"integration_types_config": {"0": {}}}, "User Install is off", Grade.WEAK),
    ],
)
async def test_what_hinders_the_application_is_told(
    discord: DiscordServer, application: dict[str, object], words: str, grade: Grade
) -> None:
    discord.world.application = application
    said = await examined("discord", discord_token=discord.token)
    assert said.that(words).grade is grade
    assert said.worst is grade


@pytest.mark.parametrize(
    ("wanted", "servers", "count", "words", "grade"),
    [
        (2, 2500, "", "Discord wants 2 connections (shards) for 2500 servers, and gets them", Grade.FINE),
        (2, 1500, "", "Discord wants 2 connections (shards) for 1500 servers, and gets them", Grade.FINE),
        (2, 2500, "1", "SHARD_COUNT=1 is too few for 2500 servers", Grade.BROKEN),
        (2, 1500, "1", "would like 2 connections (shards) for 1500 servers", Grade.WEAK),
        (2, 2500, "2", "SHARD_COUNT=2 is enough for 2500 servers", Grade.FINE),
        (1, 10, "4", "SHARD_COUNT=4 is enough for 10 servers", Grade.FINE),
    ],
)
async def test_the_shards_that_discord_wants_are_compared_with_the_settings(  # noqa: PLR0917 (a table)
    discord: DiscordServer, wanted: int, servers: int, count: str, words: str, grade: Grade
) -> None:
    discord.world.shards = wanted
    discord.world.application = {"approximate_guild_count": servers}
    said = await examined("discord", discord_token=discord.token, shard_count=count)
    assert said.that(words).grade is grade
    assert said.worst is grade


async def test_the_shards_of_this_process_are_told_with_those_of_others(discord: DiscordServer) -> None:
    said = await examined(
        "discord",
        discord_token=discord.token,
        shard_count="6",
        shard_ids="0-1,4",
        database_url="postgresql://localhost/x",
        studio_url="http://127.0.0.1:1",
    )
    said.that("this process has the shards 0-1, 4, others must have 2-3, 5")


@pytest.mark.parametrize(("left", "grade"), [(7, Grade.BROKEN), (8, Grade.WEAK), (16, Grade.FINE)])
async def test_starts_that_do_not_last_for_all_shards_are_told(
    discord: DiscordServer, left: int, grade: Grade
) -> None:
    discord.world.shards, discord.world.starts_left = 8, left
    said = await examined("discord", discord_token=discord.token)
    assert said.that(f"{left} of 1000 connections are left").grade is grade


@pytest.mark.parametrize(("left", "grade"), [(0, Grade.BROKEN), (9, Grade.WEAK), (10, Grade.FINE)])
async def test_starts_that_are_used_up_are_told(discord: DiscordServer, left: int, grade: Grade) -> None:
    discord.world.starts_left = left
    said = await examined("discord", discord_token=discord.token)
    assert said.that(f"{left} of 1000 connections are left").grade is grade


@pytest.mark.parametrize(
    ("off", "words", "grade"),
    [(40, "40 s ahead", Grade.WEAK), (-45, "45 s behind", Grade.WEAK), (400, "400 s ahead", Grade.BROKEN)],
)
async def test_a_wrong_clock_is_told(
    discord: DiscordServer, monkeypatch: pytest.MonkeyPatch, off: int, words: str, grade: Grade
) -> None:
    # Discord's Date has whole seconds.
    real = time.time
    monkeypatch.setattr(module.discord, "__defaults__", (lambda: int(real()) + off + 0.2,))
    said = await examined("discord", discord_token=discord.token)
    clock = said.that("the clock is")
    assert clock.grade is grade
    assert int(clock.values["seconds"]) in {abs(off) - 1, abs(off), abs(off) + 1}
    assert clock.values["direction"] == words.rsplit(maxsplit=1)[-1]


async def test_no_token_is_no_fault_on_ones_own_machine() -> None:
    said = await examined("discord")
    assert said.that("a local page takes Discord's place").grade is Grade.FINE


async def test_a_host_without_a_token_is_told() -> None:
    said = await examined("discord", {"RENDER": "true"})
    missing = said.that("DISCORD_TOKEN is missing, and Render shows nobody the local page")
    assert missing.grade is Grade.BROKEN
    assert missing.advised.endswith("set it in Render's variables")


async def test_nothing_set_where_the_page_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    said = await examined("discord")
    assert said.that("the local page is not installed here").grade is Grade.BROKEN
