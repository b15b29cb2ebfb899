"""The stand-in is loud about what it does not know, and can be steered from outside."""

import asyncio
import base64
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
import yarl

from tests.discord_server import DiscordServer
from tests.discord_server.client import Client

ROOT = Path(__file__).resolve().parents[2]


async def test_an_unknown_route_fails_the_test() -> None:
    server = await DiscordServer().__aenter__()
    headers = {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{server.api_url}/voice/regions") as answer,
    ):
        assert answer.status == 404
    with pytest.raises(AssertionError, match="404 GET /voice/regions"):
        await server.__aexit__(None, None, None)


async def test_commands_are_recorded_and_keep_their_ids(server: DiscordServer, client: Client) -> None:
    first = {command["name"]: command["id"] for command in server.world.commands}
    await client.tree.sync()
    assert {command["name"]: command["id"] for command in server.world.commands} == first
    assert (set(first), server.world.syncs) == ({"song", "Listen"}, 2)


async def test_every_request_is_recorded(server: DiscordServer, client: Client) -> None:
    await server.slash("song")
    await client.finished()
    last = server.requests[-1]
    assert (last.method, last.status) == ("POST", 200)
    assert last.body == {"type": 5}


class Steered:
    """A stand-in in a process of its own, over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, name: str, /, **body: Any) -> Any:
        async with self._session.post(f"/_control/{name}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def state(self) -> Any:
        async with self._session.get("/_control/state") as answer:
            return await answer.json()

    async def until_answered(self, interaction: int) -> Any:
        """The message that answers it, once it is there."""
        async with asyncio.timeout(20):
            while True:
                state = await self.state()
                [asked] = [one for one in state["interactions"] if one["id"] == interaction]
                if asked["state"] == "answered":
                    return next(one for one in state["messages"] if one["id"] == asked["original"])
                await asyncio.sleep(0.02)  # another process gives no other sign


async def test_it_runs_as_a_process_and_is_steered_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.discord_server", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        addresses = json.loads(await process.stdout.readline())
        monkeypatch.setattr(discord.http.Route, "BASE", addresses["api"])
        monkeypatch.setattr(
            discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(addresses["gateway"])
        )
        client = Client()

        async def show(interaction: discord.Interaction) -> None:
            [file] = client.given
            await interaction.response.send_message(file=await file.to_file())

        client.act = show
        async with client.running("test-token"), aiohttp.ClientSession(addresses["url"]) as session:
            steered = Steered(session)
            await client.wait_until_ready()
            song = {"name": "a.wav", "base64": base64.b64encode(b"RIFF").decode()}
            asked = await steered.post("slash", command="song", files={"file": song})
            message = await steered.until_answered(asked["id"])
            [file] = message["files"]
            assert (file["name"], file["size"], len(file["sha256"])) == ("a.wav", 4, 64)

            await steered.post("clock", seconds=901)
            await steered.post("user", name="somebody", dm_refusal=50007)
            await steered.post("set_channel", channel=message["channel"], bot_may=0)
            await steered.post(
                "fault", method="POST", path="/channels/*/messages", kind="code", status=403, code=50013
            )
            with pytest.raises(discord.Forbidden, match="50013"):
                await client.get_partial_messageable(message["channel"]).send("hello")
            with pytest.raises(discord.Forbidden, match="50001"):
                await client.get_partial_messageable(message["channel"]).send("hello")
            async with session.post("/_control/slash", json={"command": "unknown"}) as answer:
                assert answer.status == 400
            assert (await steered.state())["problems"] == []
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
