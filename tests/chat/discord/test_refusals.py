"""What a refusal of Discord's means, and what is told of it, also where another process knows the server."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.chat.discord.refusals import (
    is_about_words,
    is_final,
    is_passing,
    is_token_dead,
    is_too_large,
    needed_permissions,
    told_of,
)
from bot.clock import utc_now
from bot.errors import AnswerBlockedError, AnswerRefusedError, DiscordBusyError, PianolaError
from tests.jobs.replies import a_reply


class Elsewhere:
    """A client without the server."""

    def get_guild(self, _guild_id: int) -> None:
        return None


class Here:
    """A client with the server, where it may do this."""

    def __init__(self, **may: bool) -> None:
        self.me = object()
        self.permissions = discord.Permissions(**may)

    def get_guild(self, _guild_id: int) -> "Here":
        return self

    def get_channel_or_thread(self, _channel_id: int) -> "Here":
        return self

    def permissions_for(self, _member: object) -> discord.Permissions:
        return self.permissions


ALL = {"view_channel": True, "send_messages": True, "embed_links": True, "attach_files": True}


def refused(code: int, status: int = 403) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=status, reason="no")
    return discord.HTTPException(answer, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code"), [(404, 0), (401, 0), (400, 10_015), (400, 10_062), (400, 50_027), (404, 10_062)]
)
def test_an_interaction_that_is_over_is_known_by_status_or_code(status: int, code: int) -> None:
    error = refused(code, status)
    assert is_token_dead(error)
    assert is_final(error, by_token=True)
    assert is_final(error, by_token=False) is bool(code)  # without one it is the network in front
    assert not is_token_dead(refused(50_035, 400))


@pytest.mark.parametrize(("status", "code"), [(413, 0), (400, 40_005)])
def test_a_size_that_is_refused_is_known_by_status_or_code(status: int, code: int) -> None:
    assert is_too_large(refused(code, status))
    assert not is_too_large(refused(50_035, 400))


@pytest.mark.parametrize("code", [200_000, 200_001, 240_000])
def test_a_word_that_is_blocked_is_told_as_one(code: int) -> None:
    assert is_about_words(refused(code, 400))
    assert isinstance(told_of(refused(code, 400)), AnswerBlockedError)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [(400, 50_035, AnswerRefusedError), (403, 50_013, AnswerRefusedError), (400, 40_005, AnswerRefusedError)],
)
def test_what_repeating_does_not_mend_is_final(status: int, code: int, told: type[PianolaError]) -> None:
    assert is_final(refused(code, status), by_token=False)
    assert is_about_words(refused(code, status)) is (code == 50_035)
    assert isinstance(told_of(refused(code, status)), told)


@pytest.mark.parametrize(
    ("status", "code"), [(408, 1), (425, 1), (429, 20_028), (500, 0), (503, 1), (400, 130_000)]
)
def test_what_passes_is_repeated(status: int, code: int) -> None:
    error = refused(code, status)
    assert is_passing(error)
    assert not is_final(error, by_token=False)
    assert isinstance(told_of(error), DiscordBusyError)


def test_an_old_message_that_was_edited_too_often_is_not_edited_again() -> None:
    assert is_final(refused(30_046, 429), by_token=False)


def test_only_what_is_lacking_is_told_where_it_is_known() -> None:
    reply = a_reply(utc_now(), guild_id=5, channel_id=6)
    client: Any = Here(**ALL | {"attach_files": False})
    assert needed_permissions(client, reply, refused(50_013)) == ["Attach Files"]
    assert needed_permissions(client, reply, refused(50_001)) == ["Attach Files"]
    assert needed_permissions(client, reply, None) == ["Attach Files"]
    assert needed_permissions(client, reply, refused(50_035)) == []


def test_where_nothing_is_lacking_permissions_are_told_only_if_discord_says_so() -> None:
    reply = a_reply(utc_now(), guild_id=5, channel_id=6)
    client: Any = Here(**ALL)
    assert "Attach Files" in needed_permissions(client, reply, refused(50_013))
    assert needed_permissions(client, reply, refused(50_001)) == []
    assert needed_permissions(client, reply, None) == []


@pytest.mark.parametrize(("code", "is_told"), [(50_013, True), (10_003, False), (50_007, False)])
def test_lacking_permissions_are_told_whoever_has_the_shard(code: int, is_told: bool) -> None:
    client: Any = Elsewhere()
    needed = needed_permissions(client, a_reply(utc_now(), guild_id=5, channel_id=6), refused(code))
    assert ("Attach Files" in needed) is is_told
    assert ("Send Messages" in needed) is is_told
