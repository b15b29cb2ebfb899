"""Refusals of Discord that repeating does not mend: the answer goes the next way at once, and the log has one line of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.discord_server import (
    Channel,
    ChannelKind,
    DiscordServer,
    Fault,
    Interaction,
    Message,
    Permission,
)
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess
from tests.process.test_bot import CALLBACK, ORIGINAL, notes_of

SONG = ("Dandelion Wine.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(60))
WITHIN_SECONDS = 10.0
"""A repetition would come after 2, 4 and 8 s."""

Refusal = Callable[[DiscordServer, Channel], Awaitable[None]]


@pytest.fixture
async def bot(tmp_path: Path, discord: DiscordServer, kie: KieServer) -> AsyncIterator[BotProcess]:
    kie.work_seconds = None
    async with BotProcess(tmp_path / "data", discord, kie, POLL_SECONDS="1", PREVIEW_SECONDS="0") as process:
        await discord.connected()
        yield process


def a_thread(discord: DiscordServer, parent: Channel | None = None) -> Channel:
    world = discord.world
    return world.add_channel(
        world.guild, "a thread", ChannelKind.PUBLIC_THREAD, parent=parent or world.channel
    )


async def tasks_at(kie: KieServer, kind: str) -> list[str]:
    """The tasks of a kind, once there is one."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not (found := [task.id for task in kie.tasks.values() if task.kind == kind]):  # noqa: ASYNC110 (the studio gives no sign)
            await asyncio.sleep(0.02)
    return found


async def at_work(
    discord: DiscordServer, kie: KieServer, channel: Channel | None = None, **options: object
) -> Interaction:
    """A song whose notes are being found, and whose progress was shown."""
    given = options or {"song": SONG}
    asked = await discord.slash("midi", at=discord.where(channel=channel), **given)
    await discord.until(lambda: asked.callback)
    [separation] = await tasks_at(kie, "separation")
    await kie.finish(separation)
    await tasks_at(kie, "midi")
    return asked


async def finish(discord: DiscordServer, kie: KieServer, where: Channel) -> Message:
    """Let the notes be found; the result where it is expected, which comes at once."""

    def results() -> list[Message]:
        return [message for message in discord.world.messages_in(where) if message.files]

    [midi] = await tasks_at(kie, "midi")
    await kie.finish(midi)
    await discord.until(results, within_seconds=WITHIN_SECONDS)
    [posted] = results()
    assert notes_of(posted) == 3
    return posted


def lines_of(bot: BotProcess, event: str) -> list[str]:
    return [line for line in bot.output().splitlines() if event in line]


async def lock(discord: DiscordServer, channel: Channel) -> None:
    channel.is_locked = channel.is_archived = True
    await discord.changed_channel(channel)


async def archive(discord: DiscordServer, channel: Channel) -> None:
    channel.is_archived = True
    await discord.changed_channel(channel)


async def delete(discord: DiscordServer, channel: Channel) -> None:
    channel.is_deleted = True
    await discord.changed_channel(channel)


async def test_a_locked_thread_is_answered_by_a_direct_message(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    thread = a_thread(discord)
    asked = await at_work(discord, kie, thread)
    await lock(discord, thread)
    await finish(discord, kie, discord.world.dm_with(asked.user))
    assert await bot.terminate() == 0
    [line] = lines_of(bot, "answer.refused")
    assert "edit 50083" in line
    assert "channel 50083" in line
    assert "Traceback" not in bot.output()


async def test_an_archived_thread_is_answered_by_a_post_which_opens_it(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    thread = a_thread(discord)
    asked = await at_work(discord, kie, thread)
    await archive(discord, thread)
    posted = await finish(discord, kie, thread)
    assert posted is not asked.original
    assert not thread.is_archived


async def test_a_thread_that_is_shut_to_a_user_s_own_bot_is_answered_by_a_direct_message(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    elsewhere = discord.world.add_guild("another", has_bot=False)
    thread = discord.world.add_channel(elsewhere, "a thread", ChannelKind.PUBLIC_THREAD)
    asked = await at_work(discord, kie, thread)
    thread.is_locked = thread.is_archived = True
    await finish(discord, kie, discord.world.dm_with(asked.user))


@pytest.mark.parametrize("code", [10003, 10008])
async def test_a_deleted_channel_is_answered_by_a_direct_message(
    bot: BotProcess, discord: DiscordServer, kie: KieServer, code: int
) -> None:
    channel = discord.world.add_channel(discord.world.guild, "gone soon")
    asked = await at_work(discord, kie, channel)
    await delete(discord, channel)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=404, code=code), times=None)
    await finish(discord, kie, discord.world.dm_with(asked.user))


async def test_a_kicked_bot_answers_by_a_direct_message_or_keeps_the_song(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await at_work(discord, kie)
    await discord.kick_bot(discord.world.guild)
    posted = await finish(discord, kie, discord.world.dm_with(asked.user))
    assert "There I need" not in posted.content


async def test_where_every_way_is_closed_the_song_is_kept_at_once(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await at_work(discord, kie)
    await discord.kick_bot(discord.world.guild)
    asked.user.dm_refusal = 50278
    [midi] = await tasks_at(kie, "midi")
    await kie.finish(midi)
    refused = f"/channels/{discord.world.dm_with(asked.user).id}/messages"
    await discord.until(lambda: discord.count("POST", refused), within_seconds=WITHIN_SECONDS)
    assert await bot.terminate() == 0
    assert len(lines_of(bot, "answer.kept")) == 1
    assert "Traceback" not in bot.output()


async def test_a_word_that_automod_blocks_is_left_out(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    discord.world.guild.blocked_words = ("dandelion", "grand piano")
    asked = await at_work(discord, kie)
    posted = await finish(discord, kie, asked.channel)
    assert posted is asked.original
    assert posted.file(".mid").name == "song.mid"
    assert posted.embeds[0]["title"] == "Song"
    assert "Piano" not in str([posted.embeds, posted.components])


async def test_a_word_that_automod_blocks_is_left_out_of_a_failure_too(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    discord.world.guild.blocked_words = ("dandelion",)
    asked = await discord.slash("midi", song=("Dandelion Wine.wav", b"only words " * 50))
    await discord.until(
        lambda: asked.original and "not an audio file" in str(asked.original.embeds),
        within_seconds=WITHIN_SECONDS,
    )


async def test_automod_stops_no_post_either(bot: BotProcess, discord: DiscordServer, kie: KieServer) -> None:
    discord.world.guild.blocked_words = ("dandelion",)
    thread = a_thread(discord)
    asked = await at_work(discord, kie, thread)
    await archive(discord, thread)
    posted = await finish(discord, kie, thread)
    assert posted is not asked.original
    assert posted.mentions == [asked.user.id]


async def test_automod_that_blocks_everything_is_answered_by_a_direct_message(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await at_work(discord, kie)
    discord.world.guild.blocked_words = ("e",)
    posted = await finish(discord, kie, discord.world.dm_with(asked.user))
    assert posted.file(".mid").name == "Dandelion-Wine.mid"


async def test_a_form_that_is_not_taken_is_not_repeated(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await at_work(discord, kie)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=400, code=50035), times=None)
    posted = await finish(discord, kie, asked.channel)
    assert posted is not asked.original


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 50083), (403, 50001), (400, 200001), (403, 50013), (404, 10003), (400, 40005), (403, 160002), (400, 30046), (403, 20028)],
)  # fmt: skip
async def test_whatever_the_edit_is_refused_with_the_song_is_posted_at_once(
    bot: BotProcess, discord: DiscordServer, kie: KieServer, status: int, code: int
) -> None:
    asked = await at_work(discord, kie)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=status, code=code), times=None)
    posted = await finish(discord, kie, asked.channel)
    assert posted is not asked.original
    assert await bot.terminate() == 0
    assert len(lines_of(bot, "answer.refused")) == 1
    assert "Traceback" not in bot.output()


async def test_a_part_of_discord_that_is_overloaded_is_asked_again(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await at_work(discord, kie)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=400, code=130000), times=1)
    [midi] = await tasks_at(kie, "midi")
    await kie.finish(midi)
    await discord.until(lambda: asked.original and asked.original.files)


async def test_a_missing_permission_is_named(bot: BotProcess, discord: DiscordServer, kie: KieServer) -> None:
    asked = await at_work(discord, kie)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=403, code=50013), times=None)
    asked.channel.bot_may &= ~Permission.ATTACH_FILES
    await discord.changed_channel(asked.channel)
    posted = await finish(discord, kie, discord.world.dm_with(asked.user))
    assert posted.content == f"I could not answer in <#{asked.channel.id}>. There I need: Attach Files."


@pytest.mark.parametrize("code", [50001, 50013, 50083, 200000, 50035])
async def test_an_acknowledgement_that_is_refused_is_no_end(
    bot: BotProcess, discord: DiscordServer, kie: KieServer, code: int
) -> None:
    discord.fault("POST", CALLBACK, Fault("code", status=403, code=code))
    asked = await discord.slash("midi", task_id=kie.add_separation().id)
    posted = await finish(discord, kie, asked.channel)
    assert posted.mentions == [asked.user.id]
    assert await bot.terminate() == 0
    assert len(lines_of(bot, "interaction.refused")) == 1
    assert "Traceback" not in bot.output()


@pytest.mark.parametrize("kind", [ChannelKind.VOICE, ChannelKind.STAGE, ChannelKind.FORUM])
async def test_songs_are_answered_in_voice_chats_stages_and_forum_posts(
    bot: BotProcess, discord: DiscordServer, kie: KieServer, kind: ChannelKind
) -> None:
    channel = discord.world.add_channel(discord.world.guild, "elsewhere", kind)
    await discord.changed_channel(channel, is_new=True)
    if kind is ChannelKind.FORUM:
        channel = a_thread(discord, channel)
        await discord.changed_channel(channel, is_new=True)
    asked = await at_work(discord, kie, channel)
    discord.fault("PATCH", ORIGINAL, Fault("code", status=404, code=10015), times=None)
    posted = await finish(discord, kie, channel)
    assert posted.mentions == [asked.user.id]


async def test_a_failure_carries_an_id_that_the_log_has_too(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await discord.slash("midi", task_id="unknown")
    await discord.until(lambda: asked.original and "'#" in str(asked.original.embeds))
    assert asked.original is not None
    shown = asked.original.embeds[0]["footer"]["text"].removeprefix("#")
    assert await bot.terminate() == 0
    assert len(shown) == 8
    assert any(f"job={shown}" in line for line in lines_of(bot, "job.failed"))
