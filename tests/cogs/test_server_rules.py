"""The rules of a server, as its members meet them."""

from pathlib import Path

import discord
import pytest
from simcord import InteractionResult, MemberActor

from bot.chat.asked import interactions
from bot.jobs.storage.servers import Servers
from bot.kie.separation import Separation
from tests.cogs.results import stranger_at
from tests.kie_server import Fault, KieServer
from tests.stage import Stage, midi_of, pianola_at, told, wav


async def decide(stage: Stage, **rules: object) -> None:
    """Put rules in force in the server of the stage."""
    await Servers(stage.running.store._transactions).change(stage.world.env.guild.id, **rules)


def manager_at(stage: Stage) -> MemberActor:
    """Somebody who manages the server."""
    guild = stage.world.env.guild
    role = guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.world.env.create_user("manager"), roles=[role])


async def asks(stage: Stage, kie: KieServer, who: MemberActor, **options: object) -> InteractionResult:
    """Somebody asks for a song."""
    return await who.slash(stage.world.channel, "midi", task_id=kie.add_separation().id, **options)


async def test_a_shut_channel_says_where_it_works(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild, person = stage.world.env.guild, stage.world.person
        open_channel = guild.create_text_channel("midi-here")
        await decide(stage, channels=(open_channel.id,))
        answer = told(await asks(stage, kie, person))
        assert answer == f"I don't work in this channel. On this server I work in <#{open_channel.id}>."
        await person.slash(open_channel, "midi", task_id=kie.add_separation().id)
        await stage.ended()
        assert open_channel.last_message is not None
        assert (await midi_of(open_channel.last_message)).tracks
    assert kie.count("generate_midi") == 1


async def test_a_thread_is_as_open_as_its_channel(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        channel = stage.world.env.bot.get_channel(stage.world.channel.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.create_thread(name="takes", type=discord.ChannelType.public_thread)
        await decide(stage, channels=(stage.world.channel.id,))
        (thread,) = stage.world.channel.threads
        await stage.world.person.slash(thread, "midi", task_id=kie.add_separation().id)
        assert (await stage.ended()).state == "done"


async def test_without_one_of_the_roles_nobody_is_served(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild = stage.world.env.guild
        role = guild.create_role("musicians")
        await decide(stage, roles=(role.id,))
        answer = told(await asks(stage, kie, stage.world.person))
        assert answer == f"On this server I only work for members with one of these roles: <@&{role.id}>."
        message = await stage.world.person.send(stage.world.channel, "", attachments=[("a.wav", wav())])
        menu = await stage.world.person.context_menu(stage.world.channel, "Make MIDI", message)
        assert told(menu) == answer
        musician = guild.add_member(stage.world.env.create_user("musician"), roles=[role])
        await asks(stage, kie, musician)
        assert await stage.running.store.newest_of(musician.id) is not None
        assert await stage.running.store.newest_of(stage.world.person.id) is None


@pytest.mark.parametrize("left", [True, False])
async def test_roles_that_are_gone_are_not_named_and_let_nobody_in(
    tmp_path: Path, kie: KieServer, left: bool
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild, person = stage.world.env.guild, stage.world.person
        roles = [guild.create_role(name).id for name in ("musicians", "listeners")]
        await decide(stage, roles=roles)
        for role in roles[1:] if left else roles:
            stage.world.env.backend.delete_role(guild.id, role)
        answer = told(await asks(stage, kie, person))
        assert (await stage.running.store.newest_of(person.id)) is None
    if left:
        assert answer == f"On this server I only work for members with one of these roles: <@&{roles[0]}>."
    else:
        assert answer == (
            "On this server I only work for members with certain roles, and none of them exists any more. Ask a server manager to pick new ones with `/pianola settings`."
        )
    assert kie.count("generate_midi") == 0


@pytest.mark.parametrize("left", [True, False])
async def test_channels_that_are_gone_are_not_named_either(
    tmp_path: Path, kie: KieServer, left: bool
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        channels = [stage.world.env.guild.create_text_channel(name).id for name in ("midi", "music")]
        await decide(stage, channels=channels)
        for channel in channels[1:] if left else channels:
            stage.world.env.backend.delete_channel(channel)
        answer = told(await asks(stage, kie, stage.world.person))
    if left:
        assert answer == f"I don't work in this channel. On this server I work in <#{channels[0]}>."
    else:
        assert answer.startswith("On this server I only work in certain channels, and none of them exists")
    assert kie.count("generate_midi") == 0


async def test_managers_are_served_everywhere(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild = stage.world.env.guild
        await decide(stage, roles=(guild.create_role("musicians").id,), channels=(guild.id + 1,))
        manager = manager_at(stage)
        await asks(stage, kie, manager)
        assert await stage.running.store.newest_of(manager.id) is not None


async def test_try_again_keeps_the_rules_too(tmp_path: Path, kie: KieServer) -> None:
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path) as stage:
        await asks(stage, kie, stage.world.person)
        failed = await stage.ended()
        message = stage.world.channel.last_message
        assert message is not None
        await decide(stage, roles=(1,))
        pressed = await stage.world.person.click(message, custom_id=f"pianola:again:{failed.id}")
        assert told(pressed).startswith("On this server I only work for members")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "songs_per_member",
            "You have reached the limit of songs in 24 hours that this server gives each member: 1.",
        ),
        ("songs_per_server", "This server has reached its limit of songs in 24 hours: 1."),
    ],
)
async def test_a_server_s_own_limit_says_when_it_ends(
    tmp_path: Path, kie: KieServer, rule: str, said: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await decide(stage, **{rule: 1})
        await asks(stage, kie, stage.world.person)
        first = await stage.ended()
        answer = told(await asks(stage, kie, stage.world.person))
        assert answer.startswith(said)
        assert f"<t:{first.created_at.timestamp() + 86_400:.0f}:R>" in answer
        other = await asks(stage, kie, stranger_at(stage))
        assert other.ephemeral is (rule == "songs_per_server")


async def test_a_server_s_separation_is_used_where_nothing_else_is_asked_for(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await decide(stage, separation_type=Separation.ALL_STEMS)
        await stage.midi(song=("song.wav", wav()))
        assert (await stage.ended()).separation_type is Separation.ALL_STEMS
    assert [task.type for task in kie.tasks.values() if task.kind == "separation"] == ["split_stem"]


async def test_private_answers_are_seen_by_nobody_else(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await decide(stage, is_private=True)
        result = await asks(stage, kie, stage.world.person)
        job = await stage.ended()
        assert job.reply.is_private
        assert result.response is not None
        assert result.response.ephemeral
        assert (await midi_of(result.response.message)).tracks
        assert stage.world.channel.history(viewer=stranger_at(stage)) == []


async def test_a_private_answer_can_be_asked_for(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        result = await asks(stage, kie, stage.world.person, private=True)
        await stage.ended()
        assert result.response is not None
        assert result.response.ephemeral


async def test_a_private_answer_is_tried_again_in_private(tmp_path: Path, kie: KieServer) -> None:
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path) as stage:
        result = await asks(stage, kie, stage.world.person, private=True)
        failed = await stage.ended()
        assert result.response is not None
        again = await stage.world.person.click(
            result.response.message, custom_id=f"pianola:again:{failed.id}"
        )
        assert (await stage.ended()).reply.is_private
        assert again.ephemeral


@pytest.mark.parametrize("private", [True, False])
async def test_a_private_answer_that_comes_too_late_goes_to_its_asker_alone(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, private: bool
) -> None:
    monkeypatch.setattr(interactions, "_may_post", lambda _interaction: True)
    async with pianola_at(kie, tmp_path) as stage:
        env, person = stage.world.env, stage.world.person
        env.inject_error("PATCH", "/webhooks/*/messages/@original", status=404, code=10015, times=None)
        await asks(stage, kie, person, private=private)
        job = await stage.ended()
        where = person.user.dm_channel if private else stage.world.channel
        elsewhere = stage.world.channel if private else person.user.dm_channel
        assert where.last_message is not None
        assert where.last_message.id == job.message_id
        assert (await midi_of(where.last_message)).tracks
        assert not any(message.attachments for message in elsewhere.history())


async def test_previews_are_made_where_the_server_wants_them(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await decide(stage, has_preview=False)
        await asks(stage, kie, stage.world.person)
        without = [file.filename for file in (await stage.reply()).attachments]
        await decide(stage, has_preview=True)
        await asks(stage, kie, stage.world.person)
        listened = [file.filename for file in (await stage.reply()).attachments]
    assert without == ["song.mid", "roll.png"]
    assert listened == ["song.mid", "roll.png", "song.ogg"]


async def test_a_pause_between_two_songs_says_when_it_is_over(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, cooldown_seconds="600") as stage:
        await asks(stage, kie, stage.world.person)
        first = await stage.ended()
        answer = told(await asks(stage, kie, stage.world.person))
        moment = f"<t:{first.created_at.timestamp() + 600:.0f}:R>"
        assert answer == f"Please wait a bit between two songs. You can send the next one {moment}."
