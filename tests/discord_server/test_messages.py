"""What the stand-in refuses in messages, and what it lets be sent once."""

from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_server import EVERYTHING, ChannelKind, DiscordServer, Fault, Permission
from tests.discord_server.client import Client, a_file, code_of
from tests.discord_server.world import FILE_LIMIT

MIB = 1024**2


def channel_of(server: DiscordServer, client: Client) -> discord.PartialMessageable:
    return client.get_partial_messageable(server.world.channel.id)


async def refused(server: DiscordServer, client: Client, **message: object) -> int:
    """The code that a message meets, and that nothing came of it."""
    before = server.world.messages_in(server.world.channel)
    with pytest.raises(discord.HTTPException) as caught:
        await channel_of(server, client).send(**message)  # type: ignore[call-overload] # any message
    assert server.world.messages_in(server.world.channel) == before
    return code_of(caught.value)


async def test_a_message_has_what_was_sent(server: DiscordServer, client: Client) -> None:
    asker = server.world.user
    sent = await channel_of(server, client).send(
        f"<@{asker.id}> <@{server.world.bot.id}>",
        embed=discord.Embed(title="Song").set_image(url="attachment://roll.png"),
        files=[a_file("roll.png", alt_text="A piano roll"), a_file("song.mid", 3)],
        allowed_mentions=discord.AllowedMentions(users=[discord.Object(asker.id)]),
    )
    [message] = server.world.messages_in(server.world.channel)
    assert message.id == sent.id
    assert message.mentions == [asker.id]
    assert [(file.name, file.description) for file in message.files] == [
        ("roll.png", "A piano roll"),
        ("song.mid", None),
    ]
    assert await sent.attachments[1].read() == b"xxx"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (Permission.VIEW_CHANNEL, 50001),
        (Permission.SEND_MESSAGES, 50013),
        (Permission.ATTACH_FILES, 50013),
        (Permission.EMBED_LINKS, 50013),
    ],
)
async def test_each_missing_permission_is_missed(
    server: DiscordServer, client: Client, missing: Permission, code: int
) -> None:
    server.world.channel.bot_may = EVERYTHING & ~missing
    embed = discord.Embed(title="Song")
    assert await refused(server, client, embed=embed, file=a_file("song.mid")) == code


async def test_a_thread_has_a_permission_of_its_own(server: DiscordServer, client: Client) -> None:
    thread = server.world.add_channel(server.world.guild, "a thread", ChannelKind.PUBLIC_THREAD)
    thread.bot_may = EVERYTHING & ~Permission.SEND_MESSAGES
    await client.get_partial_messageable(thread.id).send("allowed")
    thread.bot_may = EVERYTHING & ~Permission.SEND_MESSAGES_IN_THREADS
    with pytest.raises(discord.Forbidden):
        await client.get_partial_messageable(thread.id).send("refused")


@pytest.mark.parametrize("code", [50007, 50278])
async def test_a_person_may_refuse_direct_messages(server: DiscordServer, client: Client, code: int) -> None:
    user = await client.fetch_user(server.world.user.id)
    await user.send("hello")
    server.world.user.dm_refusal = code
    with pytest.raises(discord.Forbidden) as caught:
        await user.send("hello again")
    assert code_of(caught.value) == code
    assert len(server.world.messages_in(server.world.dm_with(server.world.user))) == 1


async def test_what_is_not_there_is_unknown(server: DiscordServer, client: Client) -> None:
    with pytest.raises(discord.NotFound) as user:
        await client.fetch_user(1)
    with pytest.raises(discord.NotFound) as channel:
        await client.get_partial_messageable(1).send("hello")
    with pytest.raises(discord.NotFound) as message:
        await channel_of(server, client).get_partial_message(1).edit(content="hello")
    assert [code_of(error.value) for error in (user, channel, message)] == [10013, 10003, 10008]


async def test_a_nonce_makes_repeated_posts_one_message_for_some_minutes(
    server: DiscordServer, client: Client
) -> None:
    channel = channel_of(server, client)
    first = await channel.send("result", nonce="a-job")
    again = await channel.send("result", nonce="a-job")
    other = await channel.send("result", nonce="another-job")
    server.world.clock.advance(timedelta(minutes=6))
    late = await channel.send("result", nonce="a-job")
    assert first.id == again.id
    assert len({first.id, other.id, late.id}) == 3
    assert await refused(server, client, content="result", nonce="x" * 26) == 50035


@pytest.mark.parametrize(("nonce", "copies"), [({}, 2), ({"nonce": "a-job"}, 1)])
async def test_only_a_nonce_makes_it_safe_to_repeat_a_post_whose_answer_was_lost(
    server: DiscordServer, client: Client, nonce: Any, copies: int
) -> None:
    channel = channel_of(server, client)
    server.fault("POST", "/channels/*/messages", Fault("lost"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("result", **nonce)
    await channel.send("result", **nonce)
    assert len(server.world.messages_in(server.world.channel)) == copies


@pytest.mark.parametrize(
    "embed",
    [
        {"title": "x" * 257},
        {"description": "x" * 4097},
        {"fields": [{"name": "x", "value": "x" * 1025}]},
        {"fields": [{"name": "", "value": "x"}]},
        {"fields": [{"name": "x", "value": "x"}] * 26},
        {"footer": {"text": "x" * 2049}},
        {"author": {"name": "x" * 257}},
        {"description": "x" * 4096, "footer": {"text": "x" * 1905}},
        {"image": {"url": "attachment://not-there.png"}},
    ],
)
async def test_an_embed_beyond_a_limit_is_refused(
    server: DiscordServer, client: Client, embed: dict[str, object]
) -> None:
    assert await refused(server, client, embed=discord.Embed.from_dict(embed)) == 50035


async def test_an_embed_at_its_limits_is_taken(server: DiscordServer, client: Client) -> None:
    embed = discord.Embed(title="x" * 256, description="x" * 4096)
    embed.add_field(name="x" * 256, value="x" * 1024).set_footer(text="x" * 368)
    await channel_of(server, client).send(embed=embed)


async def test_a_message_beyond_a_limit_is_refused(server: DiscordServer, client: Client) -> None:
    assert await refused(server, client, content="x" * 2001) == 50035
    assert await refused(server, client, file=a_file("roll.png", alt_text="x" * 1025)) == 50035
    assert await refused(server, client) == 50006


async def test_files_and_requests_have_a_largest_size(server: DiscordServer, client: Client) -> None:
    assert await refused(server, client, file=a_file("song.wav", FILE_LIMIT + 1)) == 40005
    server.world.guild.file_limit = 50 * MIB
    assert (
        await refused(server, client, files=[a_file("1.wav", 13 * MIB), a_file("2.wav", 13 * MIB)]) == 40005
    )
    server.world.channel.real_file_limit = 5
    assert await refused(server, client, file=a_file("song.mid", 6)) == 40005


async def test_more_than_ten_files_or_embeds_are_refused(server: DiscordServer, client: Client) -> None:
    # discord.py counts for itself, so this goes past it.
    files = aiohttp.FormData()
    for number in range(11):
        files.add_field(f"files[{number}]", b"x", filename=f"{number}.mid")
    embeds = aiohttp.JsonPayload({"embeds": [{"title": "x"}] * 11})
    for body in (files, embeds):
        assert await posted_past_discord_py(server, body) == (400, 50035)


async def posted_past_discord_py(server: DiscordServer, body: object) -> tuple[int, int]:
    address = f"{server.api_url}/channels/{server.world.channel.id}/messages"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"}) as session,
        session.post(address, data=body) as answer,
    ):
        return answer.status, (await answer.json()).get("code", 0)


async def test_a_bucket_tells_how_much_is_left_and_for_how_long(server: DiscordServer) -> None:
    server.world.clock.stop()
    address = f"{server.api_url}/channels/{server.world.channel.id}/messages"
    told = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"}) as session:
        for _ in range(5):
            async with session.post(address, json={"content": "hello"}) as answer:
                told.append(answer.headers)
            server.world.clock.advance(timedelta(seconds=1))
    assert [headers["X-RateLimit-Remaining"] for headers in told] == ["4", "3", "2", "1", "0"]
    assert [float(headers["X-RateLimit-Reset-After"]) for headers in told] == [5, 4, 3, 2, 1]
    assert len({headers["X-RateLimit-Bucket"] for headers in told}) == 1


async def test_who_does_not_wait_is_limited(server: DiscordServer) -> None:
    server.world.clock.stop()
    address = f"{server.api_url}/channels/{server.world.channel.id}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"}) as session:
        for _ in range(5):
            async with session.post(address, json={"content": "hello"}) as taken:
                assert taken.status == 200
        async with session.post(address, json={"content": "hello"}) as limited:
            assert (limited.status, "Via" in limited.headers) == (429, True)
            body = await limited.json()
    assert 0 < body["retry_after"] <= 5
    assert body["global"] is False


async def test_fifty_requests_a_second_are_the_most(server: DiscordServer) -> None:
    server.world.clock.stop()
    statuses = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"}) as session:
        for _ in range(51):
            async with session.get(f"{server.api_url}/users/@me") as answer:
                statuses.append(answer.status)
    assert statuses == [200] * 50 + [429]


@pytest.mark.parametrize("is_global", [True, False])
async def test_discord_py_waits_as_long_as_it_is_told(
    server: DiscordServer, client: Client, is_global: bool
) -> None:
    server.fault("POST", "/channels/*/messages", Fault("limited", seconds=0.05, is_global=is_global))
    await channel_of(server, client).send("hello")
    assert server.count("POST", "/messages") == 2


async def test_a_ban_by_the_network_is_not_waited_for(server: DiscordServer, client: Client) -> None:
    server.fault("POST", "/channels/*/messages", Fault("banned"))
    with pytest.raises(discord.HTTPException) as caught:
        await channel_of(server, client).send("hello")
    assert caught.value.status == 429
    assert server.count("POST", "/messages") == 1


async def test_a_fault_can_wait_for_the_nth_call(server: DiscordServer, client: Client) -> None:
    server.fault("POST", "/channels/*/messages", Fault("status", status=503), nth=2, times=2)
    outcomes = []
    for _ in range(4):
        try:
            await channel_of(server, client).send("hello")
            outcomes.append(200)
        except discord.DiscordServerError as error:
            outcomes.append(error.status)
    assert outcomes == [200, 503, 503, 200]


async def test_a_components_v2_message_lists_no_attachments(server: DiscordServer, client: Client) -> None:
    class Layout(discord.ui.LayoutView):
        text: discord.ui.TextDisplay["Layout"] = discord.ui.TextDisplay("here")
        file: discord.ui.File["Layout"] = discord.ui.File("attachment://song.mid")

    sent = await channel_of(server, client).send(view=Layout(), file=a_file("song.mid"))
    assert sent.attachments == []
    [message] = server.world.messages_in(server.world.channel)
    assert message.file(".mid").size == 10
