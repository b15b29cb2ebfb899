"""Everywhere a command can come from: answered while the interaction lives, and after that where the bot may still write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import discord.gateway
import discord.http
import pytest
import yarl

from bot import app
from bot.chat.discord.client import Pianola
from bot.chat.discord.gateway import Gateway
from bot.jobs.model import Job
from bot.jobs.storage.store import Store
from bot.settings import load
from tests.discord_server import DiscordServer, Permission
from tests.discord_server.people import Where
from tests.discord_server.world import EVERYTHING, Channel, ChannelKind, World
from tests.kie_server import KieServer

NO_MUTUAL_GUILDS, MESSAGES_CLOSED = 50278, 50007


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is used and by which installation; `late` is where a result goes once the token is dead."""

    kind: str
    installed: str
    late: str
    may_post: bool
    bot_may: Permission = EVERYTHING
    dm_refusal: int | None = None

    def channel(self, world: World) -> Channel:
        world.user.dm_refusal = self.dm_refusal
        if self.kind == "direct messages":
            return world.dm_with(world.user)
        friend = world.add_user("friend")
        if self.kind == "group":
            return world.add_channel(None, "us", ChannelKind.GROUP_DM, (world.user, friend))
        if self.kind == "direct messages of others":
            return world.add_channel(None, "friend", ChannelKind.DM, (world.user, friend))
        guild = world.guild if self.kind != "server without the bot" else world.add_guild("x", has_bot=False)
        thread = ChannelKind.PUBLIC_THREAD if self.kind == "thread" else ChannelKind.TEXT
        channel = world.add_channel(guild, "music", thread)
        channel.bot_may = self.bot_may
        return channel


def without(permission: Permission) -> Permission:
    return EVERYTHING & ~permission


PLACES = {
    "a server": Place("server", "guild", "channel", may_post=True),
    "a thread": Place("thread", "guild", "channel", may_post=True),
    "a thread without the right for threads": Place(
        "thread", "guild", "dm", may_post=False, bot_may=without(Permission.SEND_MESSAGES_IN_THREADS)
    ),
    "a channel without the right to send": Place(
        "server", "guild", "dm", may_post=False, bot_may=without(Permission.SEND_MESSAGES)
    ),
    "a channel without the right to attach": Place(
        "server", "guild", "dm", may_post=False, bot_may=without(Permission.ATTACH_FILES)
    ),
    "a silent channel of somebody who takes no messages": Place(
        "server",
        "guild",
        "kept",
        may_post=False,
        bot_may=without(Permission.SEND_MESSAGES),
        dm_refusal=MESSAGES_CLOSED,
    ),
    "a server without the bot": Place("server without the bot", "user", "dm", may_post=False),
    "a server without the bot, and none in common": Place(
        "server without the bot", "user", "kept", may_post=False, dm_refusal=NO_MUTUAL_GUILDS
    ),
    "a server with the bot, by a member's own installation": Place("server", "user", "dm", may_post=False),
    "direct messages": Place("direct messages", "guild", "channel", may_post=True),
    "direct messages, by one's own installation": Place("direct messages", "user", "channel", may_post=True),
    "direct messages that are closed meanwhile": Place(
        "direct messages", "user", "kept", may_post=True, dm_refusal=NO_MUTUAL_GUILDS
    ),
    "a group": Place("group", "user", "dm", may_post=False),
    "a group, and no server in common": Place(
        "group", "user", "kept", may_post=False, dm_refusal=NO_MUTUAL_GUILDS
    ),
    "direct messages of others": Place("direct messages of others", "user", "dm", may_post=False),
}


@asynccontextmanager
async def bot_at(
    server: DiscordServer, kie: KieServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    """The bot, connected to a Discord on real sockets; gives its store."""
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    settings = load(
        None,
        data_dir=str(data_dir),
        discord_token=server.token,
        preview_seconds="0",
        kie_api_url=kie.url,
        kie_upload_url=kie.url,
        kie_api_key=kie.key,
    )
    gateway = Gateway(server.token)

    @asynccontextmanager
    async def connect(bot: Pianola) -> AsyncIterator[Pianola]:
        # discord.py says so long after the last server that it is ready, and would do so after the test's end.
        bot._connection.guild_ready_timeout = 0.05
        async with gateway.connected(bot):
            yield bot

    async with app.run(settings, connect, host="127.0.0.1", port=0) as running:
        await server.connected()
        await running.discord.wait_until_ready()
        yield running.store


async def newest(store: Store, user_id: int, *, ended: bool) -> Job:
    async with asyncio.timeout(20):
        while True:
            job = await store.newest_of(user_id)
            if job is not None and (job.state.is_final if ended else job.state == "transcribing"):
                return job
            await asyncio.sleep(0.02)


async def finish(kie: KieServer) -> None:
    """Let the studio end its task, once it has one."""
    async with asyncio.timeout(20):
        while not (tasks := [task.id for task in kie.tasks.values() if task.kind == "midi"]):  # noqa: ASYNC110 (the stand-in gives no sign)
            await asyncio.sleep(0.02)
    await kie.finish(tasks[0])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_command_is_answered_where_it_came_from(
    tmp_path: Path, kie: KieServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DiscordServer() as server, bot_at(server, kie, tmp_path, monkeypatch) as store:
        at = Where(server.world.user, place.channel(server.world), place.installed, "en-US")
        asked = await server.slash("midi", at=at, task_id=kie.add_separation().id)
        job = await newest(store, at.user.id, ended=True)
        assert (job.state, job.reply.may_post) == ("done", place.may_post)
    assert asked.original is not None
    assert asked.original.file(".mid").size
    assert job.message_id == asked.original.id


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_late_result_goes_where_the_bot_may_write_and_is_kept_elsewhere(
    tmp_path: Path, kie: KieServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    kie.work_seconds = None
    async with DiscordServer() as server, bot_at(server, kie, tmp_path, monkeypatch) as store:
        at = Where(server.world.user, place.channel(server.world), place.installed, "en-US")
        asked = await server.slash("midi", at=at, task_id=kie.add_separation().id)
        await newest(store, at.user.id, ended=False)
        server.world.clock.advance(timedelta(minutes=16))
        await finish(kie)
        job = await newest(store, at.user.id, ended=True)
        inbox = server.world.dm_with(at.user)
        posted = {
            where: [message for message in server.world.messages_in(channel) if message is not asked.original]
            for where, channel in {"dm": inbox, "channel": at.channel}.items()
        }
        notes = await store.notes(job.id)
    assert job.state == "done"
    assert notes
    if place.late == "kept":
        assert job.message_id is None
        assert not any(posted.values())
    else:
        (message,) = posted[place.late]
        assert message.file(".mid").size
        assert job.message_id == message.id
        assert len(message.mentions) == (place.late == "channel")


@pytest.mark.parametrize(
    "name", ["a group, and no server in common", "a server without the bot, and none in common"]
)
async def test_what_is_kept_is_told_of_listed_and_given_by_the_next_commands(
    tmp_path: Path, kie: KieServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kie.work_seconds = None
    place = PLACES[name]
    async with DiscordServer() as server, bot_at(server, kie, tmp_path, monkeypatch) as store:
        at = Where(server.world.user, place.channel(server.world), place.installed, "en-US")
        await server.slash("midi", at=at, task_id=kie.add_separation().id)
        await newest(store, at.user.id, ended=False)
        server.world.clock.advance(timedelta(minutes=16))
        await finish(kie)
        kept = await newest(store, at.user.id, ended=True)
        assert kept.message_id is None
        kie.work_seconds = 0
        next_one = await server.slash("midi", at=at, task_id=kie.add_separation().id)
        await server.until(lambda: next_one.original and next_one.original.files)
        assert next_one.original is not None
        told = "I couldn't post 1 earlier song of yours; get it with `/midis`."
        assert told in next_one.original.embeds[0]["description"]
        listed = await server.slash("midis", at=at)
        await server.until(lambda: listed.state == "answered")
        assert listed.original is not None
        assert "not delivered yet" in listed.original.embeds[0]["description"]
        opened = await server.slash("midis", at=at, song=kept.id)
        await server.until(lambda: opened.original and opened.original.files)
        assert opened.original is not None
        assert opened.original.file(".mid").size
        async with asyncio.timeout(20):
            while await store.undelivered(at.user.id):  # noqa: ASYNC110 (a row gives no sign)
                await asyncio.sleep(0.02)
