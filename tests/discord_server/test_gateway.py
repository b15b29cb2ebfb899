"""The gateway with a real discord.py: events once and in order, whatever happens to the connection."""

import asyncio

import aiohttp
import discord
import pytest
import yarl

from tests.discord_server import DiscordServer
from tests.discord_server.client import Client


async def answered(server: DiscordServer, client: Client) -> None:
    """An interaction reaches the client, and its answer the stand-in."""
    asked = await server.slash("song")
    await client.finished()
    assert asked.state == "thinking"


async def resumed(client: Client) -> None:
    async with asyncio.timeout(20):
        await client.resumed.wait()


async def test_a_broken_connection_is_resumed_and_nothing_is_missed(
    server: DiscordServer, client: Client
) -> None:
    await server.gateway.close()
    await server.until(lambda: not server.gateway.is_connected)
    asked = await server.slash("song")
    await client.finished()
    await resumed(client)
    assert asked.state == "thinking"
    assert server.gateway.identifies == 1
    assert len(server.world.interactions) == 1
    await answered(server, client)


async def test_a_request_to_reconnect_is_followed_by_a_resume(server: DiscordServer, client: Client) -> None:
    await server.gateway.ask_to_reconnect()
    await resumed(client)
    [session] = server.gateway.sessions.values()
    assert session.resumes == 1
    await answered(server, client)


async def test_an_invalid_session_that_can_be_resumed_is_resumed(
    server: DiscordServer, client: Client
) -> None:
    await server.gateway.invalidate(resumable=True)
    await resumed(client)
    assert server.gateway.identifies == 1


async def test_a_lost_session_is_opened_anew(
    server: DiscordServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_shard: int | None, *, initial: bool) -> None:
        """discord.py keeps 5 s between two sessions."""

    monkeypatch.setattr(client, "before_identify_hook", at_once)
    await server.gateway.invalidate()
    await server.until(lambda: server.gateway.identifies == 2)
    await client.wait_until_ready()
    await answered(server, client)


async def test_without_acknowledged_heartbeats_the_client_reconnects(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    server.gateway.heartbeat_ms = 100
    client = Client()
    client._connection.heartbeat_timeout = 0.3
    async with client.running(server.token):
        await server.connected()
        server.gateway.withhold_acks = True
        await server.until(lambda: any(one.resumes for one in server.gateway.sessions.values()))
        server.gateway.withhold_acks = False
        await answered(server, client)


async def test_while_the_resume_address_is_down_the_client_does_not_come_back(
    server: DiscordServer, client: Client
) -> None:
    server.gateway.resume_status = 503
    await server.gateway.close()
    await server.until(lambda: server.gateway.resumes_refused)
    assert not server.gateway.is_connected


async def test_a_privileged_intent_is_refused(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    client = Client(discord.Intents(guilds=True, message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(server.token)
    assert server.gateway.closes == [4014]


async def test_a_wrong_token_is_refused_by_both_sides(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    client = Client()
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 1}})
        await socket.receive()
        assert socket.close_code == 4004


@pytest.mark.parametrize(
    ("frame", "code"),
    [('{"op": 8, "d": {}}', 4003), ("{", 4002), ('{"op": 2, "d": "' + "x" * 4096 + '"}', 4002)],
)
async def test_a_wrong_frame_ends_the_connection(server: DiscordServer, frame: str, code: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_str(frame)
        await socket.receive()
        assert socket.close_code == code


async def test_two_gateways_on_one_token_are_both_sent_an_interaction_and_one_acknowledges(
    server: DiscordServer, client: Client
) -> None:
    other = Client()
    async with other.running(server.token):
        await server.until(lambda: len(server.gateway.sessions) == 2)
        asked = await server.slash("song")
        await client.finished()
        await other.finished()
    errors = [*client.errors, *other.errors]
    assert [error.code for error in errors if isinstance(error, discord.HTTPException)] == [40060]
    assert asked.state == "thinking"


async def test_deleted_messages_are_told_to_those_who_asked_to_be_told(
    server: DiscordServer, client: Client
) -> None:
    told: list[int] = []
    listening = Client(discord.Intents(guilds=True, guild_messages=True))

    async def on_raw_message_delete(event: discord.RawMessageDeleteEvent) -> None:
        told.append(event.message_id)
        await server.world.changed()

    listening.on_raw_message_delete = on_raw_message_delete  # type: ignore[attr-defined] # as discord.py looks it up
    async with listening.running(server.token):
        await server.until(lambda: len(server.gateway.sessions) == 2)
        message = server.post(server.where(), "hello")
        await server.delete(message)
        await server.until(lambda: told)
    assert told == [message.id]
    quiet = next(one for one in server.gateway.sessions.values() if one.intents == 1)
    assert "MESSAGE_DELETE" not in [payload["t"] for payload in quiet.sent]
