"""Who asks and where, read from payloads as Discord sends them by the real discord.py."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.chat.asked.asker import asker_of
from bot.jobs.admission import Asker

SERVER, CHANNEL, PARENT, USER, ROLE = 401, 301, 300, 201, 501
GUILD_TEXT, THREAD = 0, 11
JOINED = datetime(2026, 6, 1, tzinfo=UTC).isoformat()


def interaction(
    *,
    in_server: bool = True,
    thread: bool = False,
    permissions: int = 0,
    installs: tuple[str, ...] = ("0",),
    known: bool = False,
) -> discord.Interaction[Any]:
    """A slash command's interaction. Of `installs` "0" is the server's and "1" the person's own.

    `known`: Discord told of the server and its channel before.
    """
    person = {"id": str(USER), "username": "you", "discriminator": "0", "avatar": None, "global_name": None}
    channel: dict[str, Any] = {
        "id": str(CHANNEL),
        "type": THREAD if thread else GUILD_TEXT,
        "name": "music",
        "guild_id": str(SERVER),
        "position": 0,
        "permission_overwrites": [],
    }
    if thread:
        metadata = {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": JOINED,
            "locked": False,
        }
        channel |= {"parent_id": str(PARENT), "owner_id": str(USER), "thread_metadata": metadata}
        channel |= {"message_count": 0, "member_count": 1}
    payload: dict[str, Any] = {
        "id": "901",
        "application_id": "101",
        "type": 2,
        "token": "interaction-token",
        "version": 1,
        "locale": "de",
        "attachment_size_limit": 26_214_400,
        "app_permissions": "0",
        "authorizing_integration_owners": {
            kind: str(SERVER) if kind == "0" else str(USER) for kind in installs
        },
        "context": 0 if in_server else 1,
        "entitlements": [],
        "channel_id": str(CHANNEL),
        "data": {"id": "1", "name": "midi", "type": 1},
    }
    if in_server:
        member = {"user": person, "roles": [str(ROLE)], "joined_at": JOINED, "deaf": False, "mute": False}
        payload |= {"guild_id": str(SERVER), "guild": {"id": str(SERVER), "features": [], "locale": "en-US"}}
        payload |= {"member": {**member, "permissions": str(permissions), "flags": 0}, "channel": channel}
    else:
        payload |= {"user": person, "channel": {"id": str(CHANNEL), "type": 1, "recipients": [person]}}
    state = discord.Client(intents=discord.Intents.none())._connection
    itself: Any = {**person, "id": "101", "bot": True}
    state.user = discord.ClientUser(state=state, data=itself)
    if known:
        everybody = {"id": str(SERVER), "name": "@everyone", "permissions": "0", "position": 0}
        server: Any = {"id": str(SERVER), "roles": [everybody], "channels": [channel]}
        state._add_guild(discord.Guild(data=server, state=state))
    return discord.Interaction(data=payload, state=state)  # type: ignore[arg-type] # a plain dict


def test_a_member_has_their_roles_and_everybody_s_before_the_server_is_known() -> None:
    asker = asker_of(interaction())
    assert asker == Asker(
        user_id=USER, server_id=SERVER, roles=frozenset({ROLE, SERVER}), places=frozenset({CHANNEL})
    )
    assert asker.host_id == SERVER


def test_what_a_server_has_is_known_once_the_server_is() -> None:
    assert asker_of(interaction()).server_has is None
    assert asker_of(interaction(known=True)).server_has == frozenset({SERVER, CHANNEL})


def test_a_thread_stands_in_its_channel() -> None:
    assert asker_of(interaction(thread=True)).places == {CHANNEL, PARENT}


@pytest.mark.parametrize(("permission", "is_manager"), [("manage_guild", True), ("manage_messages", False)])
def test_who_manages_the_server_is_a_manager(permission: str, is_manager: bool) -> None:
    permissions = discord.Permissions(**{permission: True}).value
    assert asker_of(interaction(permissions=permissions)).is_manager is is_manager


@pytest.mark.parametrize(("installs", "is_guest"), [(("0",), False), (("1",), True), (("0", "1"), False)])
def test_a_guest_comes_by_nothing_but_their_own_installation(
    installs: tuple[str, ...], is_guest: bool
) -> None:
    asker = asker_of(interaction(installs=installs))
    assert asker.is_guest is is_guest
    assert asker.host_id == (None if is_guest else SERVER)


def test_a_direct_message_is_nobody_s_server() -> None:
    assert asker_of(interaction(in_server=False)) == Asker(user_id=USER)
