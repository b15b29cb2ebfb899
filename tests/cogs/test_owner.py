"""`/pianola owner`: for who runs the bot, and for nobody else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands
from discord.team import Team
from simcord import InteractionResult, MemberActor

from bot.chat.discord.client import Pianola
from bot.jobs.model import State
from bot.jobs.storage.notices import Notices
from tests.cogs.results import stranger_at
from tests.cogs.test_pianola import ask, card, own, text_of
from tests.kie_server import Fault, KieServer
from tests.stage import PATIENCE_SECONDS, Stage, midi_of, pianola_at, told, wav

COMMANDS: dict[str, dict[str, str]] = {
    "today": {},
    "job": {"id": "0123abcd"},
    "retry": {"id": "0123abcd"},
    "pause": {"text": "Back at eight."},
    "resume": {},
    "announce": {"text": "New: drums."},
}
REFUSED = "That's only for the people who run me. `/pianola status` tells you how I am."
PAUSED = "My owner says “Back at eight.”, so I'm not taking new songs right now. Songs in progress will be finished."


async def owner(
    stage: Stage, command: str, who: MemberActor | None = None, **options: str
) -> InteractionResult:
    person = who or stage.world.person
    return await person.slash(stage.world.channel, f"pianola owner {command}", **options)


def said_to(result: InteractionResult) -> list[str]:
    """What stands beneath the answer, for the eyes of who asked."""
    assert all(message.ephemeral for message in result.followups)
    return [message.content for message in result.followups if message.content]


def team(stage: Stage, user_id: int, role: str, membership: int) -> None:
    """Give the application to a team of somebody else's, with this person in it."""
    application = stage.world.env.bot.application
    assert application is not None
    member: Any = {
        "user": {"id": str(user_id), "username": "member", "discriminator": "0", "avatar": None},
        "membership_state": membership,
        "permissions": ["*"],
        "team_id": "1",
        "role": role,
    }
    data: Any = {"id": "1", "name": "Founders", "icon": None, "owner_user_id": "2", "members": [member]}
    application.team = Team(application._state, data)


async def failed(stage: Stage, kie: KieServer) -> str:
    """A song that failed; its short id."""
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    await stage.midi(task_id=kie.add_separation().id)
    return (await stage.ended()).id[:8]


async def ended_of(stage: Stage, person: MemberActor) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            job = await stage.running.store.newest_of(person.id)
            if job is not None and job.state.is_final:
                return
            await asyncio.sleep(0.02)


async def midi_task_of(stage: Stage) -> str:
    """The id of the newest job's task, once its order was answered."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if task_id := (await stage.reached("transcribing")).task_id(0, "midi"):
                return task_id
            await asyncio.sleep(0.01)


async def test_every_command_is_for_owners_alone(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        bot = stage.world.env.bot
        assert isinstance(bot, Pianola)
        (group,) = [
            command
            for command in bot.tree.walk_commands()
            if isinstance(command, app_commands.Group) and command.qualified_name == "pianola owner"
        ]
        assert {command.name for command in group.commands} == set(COMMANDS)
        for command, options in COMMANDS.items():
            result = await owner(stage, command, None, **options)
            assert told(result) == REFUSED
            assert result.followups == []
        notices = Notices(stage.running.store)
        assert await notices.paused() is None
        assert await notices.news() is None


@pytest.mark.parametrize(
    ("role", "membership", "may"),
    [("developer", 2, True), ("admin", 2, True), ("read_only", 2, False), ("admin", 1, False)],
)
async def test_a_team_s_members_are_owners_once_they_agreed_and_may_change_something(
    tmp_path: Path, kie: KieServer, role: str, membership: int, *, may: bool
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        team(stage, stage.world.person.id, role, membership)
        answer = told(await owner(stage, "resume"))
    assert answer == ("I wasn't paused. I'm taking songs." if may else REFUSED)


async def test_the_day_in_numbers(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        await failed(stage, kie)
        await stage.midi(task_id=kie.add_separation().id)
        await stage.ended()
        stranger = stranger_at(stage)
        await stranger.slash(stage.world.channel, "midi", task_id=kie.add_separation().id)
        await ended_of(stage, stranger)
        said = text_of(card(await owner(stage, "today")))
    assert said.startswith("The last 24 hours\nSongs done: 2\nSongs failed: 1\nSongs cancelled: 0\n")
    assert (
        "Songs in progress: 0\n\nPeople who asked: 2\nServers they asked on: 1 of 1\nCredits spent: " in said
    )
    assert "✅ kie.ai does the work: " in said
    assert "1 × `MaintenanceError` " in said


async def test_a_job_is_shown_with_ids_and_without_its_title(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        short = await failed(stage, kie)
        job = await stage.ended()
        shown = text_of(card(await owner(stage, "job", id=f"#{short.upper()}")))
    assert shown.startswith(f"#{short}\nState: `failed`\nReason: `MaintenanceError` The studio")
    assert f"Person: `{job.reply.user_id}`\nServer: `{job.reply.guild_id}`\nJob: `{job.id}`\n" in shown
    assert f"Asked: <t:{job.created_at.timestamp():.0f}:T>" in shown
    assert "Ended: <t:" in shown
    assert f"Its tasks: `{job.separations[0]}`" in shown


async def test_a_reason_does_not_name_the_file(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        await stage.midi(song=("My secret song.wav", b"no sound at all"))
        job = await stage.ended()
        assert job.error is not None
        assert "secret" in job.error.sentence
        shown = text_of(card(await owner(stage, "job", id=job.id)))
    assert "Reason: `NotAudioError` `…` is not an audio file that I know." in shown
    assert "secret" not in shown


@pytest.mark.parametrize("command", ["job", "retry"])
@pytest.mark.parametrize("unknown", ["0123abcd", "no such", "%%%%"])
async def test_an_id_that_is_none_is_told(tmp_path: Path, kie: KieServer, command: str, unknown: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        answer = told(await owner(stage, command, id=unknown))
    assert answer.startswith(f"I have no song with the id `{unknown}`.")


async def test_a_failed_song_is_tried_again_for_who_asked(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, songs_per_user="1") as stage:
        asker = stage.world.person
        short = await failed(stage, kie)
        boss = stranger_at(stage)
        application = stage.world.env.bot.application
        assert application is not None
        application.owner = stage.world.env.bot.get_user(boss.id) or application.owner
        application.owner.id = boss.id
        await owner(stage, "pause", boss, text="Back at eight.")
        answer = await owner(stage, "retry", boss, id=short)
        again = await stage.ended()
        assert answer.response is not None
        assert answer.response.content == (
            f"I'm trying it again, as `{again.id}`. Who asked for it gets the answer as a new message."
        )
        assert (again.state, again.reply.user_id) == (State.DONE, asker.id)
        assert again.id[:8] != short
        where = asker.user.dm_channel
        assert again.message_id is not None
        assert where.last_message is not None
        assert where.last_message.id == again.message_id
        assert (await midi_of(where.last_message)).tracks


async def test_a_song_tried_again_does_not_wait_for_a_price_to_be_agreed(
    tmp_path: Path, kie: KieServer
) -> None:
    """Its answer can be edited no more, so nobody could be asked; and it is the owner who pays."""
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        own(stage)
        kie.break_next("upload", Fault("code", code=401), times=9)
        await stage.midi(song=("song.wav", wav()))
        job = await stage.ended()
        assert job.state is State.FAILED
        kie.faults.clear()
        await owner(stage, "retry", id=job.id)
        again = await stage.ended()
    assert (again.id != job.id, again.state) == (True, State.DONE)


async def test_what_did_not_fail_is_not_tried_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        await stage.midi(task_id=kie.add_separation().id)
        done = await stage.ended()
        answer = told(await owner(stage, "retry", id=done.id))
        assert answer == "That song is over and didn't fail, so there's nothing to try again."
        assert await stage.ended() == done


async def test_a_song_in_progress_is_looked_at(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path, poll_seconds="3600") as stage:
        own(stage)
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.reached("transcribing")
        before = await stage.running.store.wakeups.due_at(job.id)
        answer = await owner(stage, "retry", id=job.id)
        shown = text_of(card(await owner(stage, "job", id=job.id)))
        assert before is not None
        assert answer.response is not None
        assert answer.response.content == "That song is in progress. I'm looking at it now."
    assert "State: `transcribing`\n\nAsked: <t:" in shown
    assert "In this state since: <t:" in shown


async def test_a_pause_is_told_in_private_and_leaves_songs_in_progress(
    tmp_path: Path,
) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        own(stage)
        await stage.midi(task_id=kie.add_separation().id)
        under_way = await stage.reached("transcribing")
        await owner(stage, "pause", text="Back at eight.")
        answer = told(await stage.midi(task_id=kie.add_separation().id))
        status = text_of(card(await ask(stage, "status", stranger_at(stage))))
        assert answer == PAUSED
        assert f"⏸️ {PAUSED}" in status
        await kie.finish(await midi_task_of(stage))
        assert await stage.ended() != under_way
        assert (await stage.ended()).id == under_way.id


async def test_a_pause_lasts_through_a_restart_until_it_is_resumed(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        await owner(stage, "pause", text="Back at eight.")
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        assert told(await stage.midi(task_id=kie.add_separation().id)) == PAUSED
        answer = await owner(stage, "resume")
        assert answer.response is not None
        assert answer.response.content == "I'm taking songs again."
        await stage.midi(task_id=kie.add_separation().id)
        assert (await stage.ended()).state is State.DONE
        assert PAUSED not in text_of(card(await ask(stage, "status")))


async def test_news_are_told_once_to_each_person_beneath_their_next_answer(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        stranger = stranger_at(stage)
        assert said_to(await owner(stage, "announce", text="New: drums."))[-1] == "📣 New: drums."
        song = await stranger.slash(stage.world.channel, "midi", task_id=kie.add_separation().id)
        await stage.shown("Piano")
        assert said_to(song) == ["📣 New: drums."]
        assert said_to(await ask(stage, "about", stranger)) == []
        status = await ask(stage, "status", stranger)
        assert text_of(card(status)).endswith("📣 New: drums.")
        await owner(stage, "announce", text="New: bass.")
        assert said_to(await ask(stage, "about", stranger)) == ["📣 New: bass."]
        await owner(stage, "announce")
        assert "📣" not in text_of(card(await ask(stage, "status", stranger)))


async def test_who_saw_the_news_in_the_status_is_not_told_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await Notices(stage.running.store).announce("New: drums.")
        status = await ask(stage, "status")
        assert text_of(card(status)).endswith("📣 New: drums.")
        assert said_to(status) == said_to(await ask(stage, "about")) == []


async def test_news_wait_where_a_form_is_asked_for_or_nothing_was_done(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await Notices(stage.running.store).announce("New: drums.")
        refused = await stage.midi()
        form = await stage.world.person.slash(stage.world.channel, "stems")
        assert refused.followups == form.followups == []
        assert said_to(await ask(stage, "about")) == ["📣 New: drums."]
