"""The unmodified bot as a process, against both stand-ins: from a command to the message that is there in the end."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import mido
import psutil
import pytest

from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.storage.store import Store
from tests.discord_server import DiscordServer, Fault, Interaction, Message, Permission
from tests.kie_server import CallbackPlan, KieServer
from tests.process.bot_process import BotProcess

ORIGINAL = "/webhooks/*/*/messages/@original"
CALLBACK = "/interactions/*/*/callback"


def notes_of(message: Message) -> int:
    midi = mido.MidiFile(file=io.BytesIO(message.file(".mid").data))
    return sum(event.type == "note_on" and event.velocity > 0 for event in midi)


def has_result(asked: Interaction) -> bool:
    return asked.original is not None and bool(asked.original.files)


async def ask(discord: DiscordServer, kie: KieServer) -> Interaction:
    """Ask for the MIDI of a finished separation, and wait until its task is at the studio."""
    asked = await discord.slash("midi", task_id=kie.add_separation().id)
    async with asyncio.timeout(20):
        while not midi_tasks(kie):  # noqa: ASYNC110 (the studio's stand-in gives no sign)
            await asyncio.sleep(0.02)
    return asked


def midi_tasks(kie: KieServer) -> list[str]:
    return [task.id for task in kie.tasks.values() if task.kind == "midi"]


async def ask_and_outlive_the_token(discord: DiscordServer, kie: KieServer) -> Interaction:
    """A song that takes 16 min: it ends when nothing can be edited any more."""
    kie.work_seconds = None
    asked = await ask(discord, kie)
    await discord.until(lambda: asked.original and asked.original.edits)
    discord.world.clock.advance(timedelta(minutes=16))
    return asked


async def kept_job(process: BotProcess, user_id: int) -> tuple[Job, dict[int, bytes]]:
    """What an ended bot's database holds of a person's newest job, and its notes."""
    async with open_database(None, process.data_dir) as database:
        store = Store(database.transactions, database.queue)
        job = await store.newest_of(user_id)
        assert job is not None
        return job, await store.notes(job.id)


async def test_a_finished_separation_becomes_one_message_with_a_midi_file(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    kie.work_seconds = None
    asked = await ask(discord, kie)
    assert asked.callback == 4
    await discord.until(lambda: asked.original and asked.original.edits)
    assert asked.original is not None
    assert "Finding the notes" in asked.original.embeds[0]["description"]
    await kie.finish(midi_tasks(kie)[0])
    await discord.until(lambda: has_result(asked))
    assert notes_of(asked.original) == 3
    assert await bot.terminate() == 0
    assert discord.world.messages_in(discord.world.channel) == [asked.original]


def has_numpy(bot: BotProcess) -> bool:
    return any("numpy" in one.path for one in psutil.Process(bot.process.pid).memory_maps())


@pytest.mark.usefixtures("from_nothing")
@pytest.mark.skipif(not hasattr(psutil.Process, "memory_maps"), reason="this system does not tell")
async def test_what_works_on_notes_is_loaded_while_the_studio_works_and_not_before(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    await bot.wait_ready()
    assert not has_numpy(bot)
    kie.work_seconds = None
    await ask(discord, kie)
    async with asyncio.timeout(20):
        while not has_numpy(bot):  # noqa: ASYNC110 (the bot gives no sign)
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("from_nothing")
async def test_a_good_start_is_two_lines(bot: BotProcess, discord: DiscordServer, kie: KieServer) -> None:
    await bot.wait_ready()
    async with asyncio.timeout(20):
        while "event=connected" not in bot.output():  # noqa: ASYNC110 (told a moment after it is ready)
            await asyncio.sleep(0.05)
    lines = [line for line in bot.output().splitlines() if "level=info" in line]
    started, connected = (line for line in lines if "event=started" in line or "event=connected" in line)
    assert f'studio=kie database="sqlite in {bot.data_dir}" address=' in started
    assert "version=0.1.0 python=3." in started
    link = f"client_id={discord.world.bot.id}&scope=bot+applications.commands&permissions=274877942784"
    assert f'servers=1 invite="https://discord.com/oauth2/authorize?{link}"' in connected
    assert {line.split("event=")[1].split()[0] for line in lines} == {
        "started",
        "connected",
        "commands.synced",
    }
    assert link.replace("&", "&amp;") in await bot.answer("/")


async def test_a_lost_answer_to_the_acknowledgement_still_ends_with_the_result(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    discord.fault("POST", CALLBACK, Fault("lost"))
    asked = await ask(discord, kie)
    await discord.until(lambda: has_result(asked))
    assert asked.state == "answered"


async def test_an_edit_whose_answer_is_lost_is_repeated_and_leaves_one_file(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    kie.work_seconds = None
    asked = await ask(discord, kie)
    await discord.until(lambda: asked.original and asked.original.edits)
    discord.fault("PATCH", ORIGINAL, Fault("lost"))
    await kie.finish(midi_tasks(kie)[0])
    await discord.until(lambda: has_result(asked))
    await discord.until(
        lambda: discord.requests[-1].path.endswith("@original") and discord.requests[-1].status == 200
    )
    assert asked.original is not None
    assert len([file for file in asked.original.files if file.name.endswith(".mid")]) == 1
    assert discord.world.messages_in(discord.world.channel) == [asked.original]


async def test_a_dead_token_ends_with_a_message_in_the_channel(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await ask_and_outlive_the_token(discord, kie)
    await kie.finish(midi_tasks(kie)[0])
    await discord.until(lambda: len(discord.world.messages_in(discord.world.channel)) == 2)
    posted = discord.world.messages_in(discord.world.channel)[-1]
    assert notes_of(posted) == 3
    assert posted.nonce
    assert posted.mentions == [asked.user.id]


async def test_a_post_whose_answer_is_lost_is_there_once(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    await ask_and_outlive_the_token(discord, kie)
    discord.fault("POST", "/channels/*/messages", Fault("lost"))
    await kie.finish(midi_tasks(kie)[0])
    await discord.until(
        lambda: discord.requests[-1].status == 200 and discord.count("POST", "/messages") == 2
    )
    assert len(discord.world.messages_in(discord.world.channel)) == 2


async def test_without_permission_to_post_the_result_comes_as_a_direct_message(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await ask_and_outlive_the_token(discord, kie)
    discord.world.channel.bot_may = Permission.VIEW_CHANNEL
    inbox = discord.world.dm_with(asked.user)
    await kie.finish(midi_tasks(kie)[0])
    await discord.until(lambda: discord.world.messages_in(inbox))
    [posted] = discord.world.messages_in(inbox)
    assert notes_of(posted) == 3


async def test_where_nothing_can_be_posted_the_notes_are_kept(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    asked = await ask_and_outlive_the_token(discord, kie)
    discord.world.channel.bot_may = Permission(0)
    discord.world.user.dm_refusal = 50278
    inbox = discord.world.dm_with(asked.user)
    await kie.finish(midi_tasks(kie)[0])
    refused = f"/channels/{inbox.id}/messages"
    await discord.until(lambda: discord.count("POST", refused))
    assert await bot.terminate() == 0
    assert discord.world.messages_in(inbox) == []
    job, notes = await kept_job(bot, asked.user.id)
    assert job.message_id is None
    assert notes


async def test_a_killed_bot_takes_its_job_up_again(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    kie.work_seconds = None
    kie.plan = CallbackPlan(copies=0)
    asked = await ask(discord, kie)
    await bot.kill()
    await kie.finish(midi_tasks(kie)[0])
    # Killed before it had kept the task's id, it sends another: MIDI costs nothing.
    kie.work_seconds = 0.0
    await bot.start()
    await discord.until(lambda: has_result(asked))
    assert discord.world.messages_in(discord.world.channel) == [asked.original]


async def test_a_callback_before_the_answer_to_its_submission_is_not_waited_for(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    kie.plan = CallbackPlan(early=True)
    async with BotProcess(tmp_path / "data", discord, kie, POLL_SECONDS="3600"):
        await discord.connected()
        asked = await ask(discord, kie)
        await discord.until(lambda: has_result(asked), within_seconds=10)


async def test_a_refused_token_leaves_the_process_alive_and_not_ready(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    async with BotProcess(tmp_path / "data", discord, kie, DISCORD_TOKEN="of.somebody.else") as process:
        await discord.until(lambda: discord.requests and discord.requests[-1].status == 401)
        await process.wait_health("/livez", 200)
        assert await process.health("/readyz") == 503
        assert await process.terminate() == 0
    assert len(discord.requests) == 1
    assert "of.somebody.else" not in process.output()


async def test_sigterm_ends_it_in_the_middle_of_a_song(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    kie.work_seconds = None
    asked = await ask(discord, kie)
    assert await bot.terminate(within_seconds=20) == 0
    job, _ = await kept_job(bot, asked.user.id)
    assert job.state is State.TRANSCRIBING
