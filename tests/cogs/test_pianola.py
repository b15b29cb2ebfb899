"""`/pianola`: about, status, privacy, forget; and what the managers of a server decide."""

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import InteractionResult, MemberActor

from bot.chat.shown.result import library
from bot.jobs.storage.servers import NO_RULES, Rules, Servers
from bot.kie.separation import Separation
from tests.cogs.results import stranger_at
from tests.cogs.test_server_rules import decide
from tests.kie_server import Fault, KieServer
from tests.stage import PATIENCE_SECONDS, Stage, pianola, pianola_at, told


def manager_at(stage: Stage) -> MemberActor:
    """Somebody who manages the server."""
    guild = stage.world.env.guild
    role = guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.world.env.create_user("manager"), roles=[role])


async def ask(stage: Stage, command: str, who: MemberActor | None = None) -> InteractionResult:
    return await (who or stage.world.person).slash(stage.world.channel, f"pianola {command}")


def card(result: InteractionResult) -> discord.Embed:
    """The one embed of an answer for the asker's eyes."""
    assert result.response is not None
    assert result.response.ephemeral
    (embed,) = result.response.embeds
    return embed


def text_of(embed: discord.Embed) -> str:
    fields = [f"{field.name}: {field.value}" for field in embed.fields]
    return "\n".join([str(embed.title), str(embed.description), *fields])


async def rules_of(stage: Stage) -> Rules:
    return await Servers(stage.running.store._transactions).rules(stage.world.env.guild.id)


def own(stage: Stage) -> None:
    """Make the person at the stage the owner of the application."""
    application = stage.world.env.bot.application
    assert application is not None
    application.owner = stage.world.env.bot.get_user(stage.world.person.id) or application.owner
    application.owner.id = stage.world.person.id


async def test_about_says_what_this_is_and_what_it_costs(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        said = text_of(card(await ask(stage, "about")))
    assert said.startswith("Pianola 0.1.0\nA pianola plays from a piano roll; I write the roll.")
    assert "free to use" in said
    assert "Each separation costs my owner some credits" in said


async def test_status_without_anything_to_do(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        said = text_of(card(await ask(stage, "status")))
    assert said == "Status\n✅ The studio answers.\nThe studio is free.\n\nNone of your songs is in progress."


async def test_status_tells_who_is_waiting_what_is_before_them(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        other = stranger_at(stage)
        await other.slash(stage.world.channel, "midi", task_id=kie.add_separation().id)
        await stage.midi(task_id=kie.add_separation().id)
        await stage.reached("transcribing")
        said = ""
        # Who is at the studio is looked up every few seconds at the most.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "The studio is working on 2 songs." not in said:
                said = text_of(card(await ask(stage, "status")))
    assert said.endswith("Your song in progress: **song**\n1 song is ahead of it.")


async def test_a_studio_that_does_not_answer_is_told_without_its_reasons(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.break_next("credits", Fault("code", code=401), times=9)
    async with pianola_at(kie, tmp_path) as stage:
        said = text_of(card(await ask(stage, "status")))
    assert "❌ The studio is down right now, so songs wait or fail." in said
    assert "key" not in said


async def test_the_owner_is_told_what_is_missing(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        said = text_of(card(await ask(stage, "status")))
        other = text_of(card(await ask(stage, "status", stranger_at(stage))))
    assert (
        "For you, my owner: [Invite me to a server](https://discord.com/oauth2/authorize?client_id=" in said
    )
    assert "&permissions=274877942784)\n✅ kie.ai does the work: 5,916.25 credits left" in said
    assert "✅ jobs are kept in SQLite in" in said
    assert "credits" not in other
    assert "Invite" not in other
    assert "SQLite" not in other


async def test_a_host_that_wipes_its_disk_is_a_warning_for_the_owner(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDER", "true")
    async with pianola_at(kie, tmp_path) as stage:
        own(stage)
        said = text_of(card(await ask(stage, "status")))
    assert "⚠️ jobs are kept in SQLite" in said
    assert "on Render the disk may be wiped at a restart: set DATABASE_URL" in said


async def test_the_studio_is_asked_once_however_many_ask(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        for _ in range(5):
            await ask(stage, "status")
    assert kie.count("credits") == 1


async def test_privacy_says_what_is_kept_and_for_how_long(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, keep_days="1") as stage:
        said = text_of(card(await ask(stage, "privacy")))
    assert "until 1 day after a song is finished" in said
    assert "kie.ai" in said
    assert "hear some of your recording that way. With `private` only you see the answer." in said
    assert "Its audio: not at all, or for 24 hours after you pressed “Transcribe it here”." in said


async def test_privacy_leads_to_deletion_by_one_question(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        shown = await ask(stage, "privacy")
        assert shown.response is not None
        person = stage.world.person
        await person.click(shown.response.message, custom_id="pianola-own:ask")
        assert "can't be undone" in text_of(card(shown))
        assert await stage.running.store.get(job.id) == job
        await person.click(shown.response.message, custom_id="pianola-own:forget")
        assert str(card(shown).description).startswith("Done: 1 song deleted.")
        assert shown.response.components == []
        assert await stage.running.store.get(job.id) is None


async def test_who_thinks_better_of_it_loses_nothing(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        shown = await ask(stage, "forget")
        assert shown.response is not None
        await stage.world.person.click(shown.response.message, custom_id="pianola-own:keep")
        assert card(shown).description == "Nothing was deleted."
        assert await stage.running.store.get(job.id) == job


async def test_settings_are_for_managers(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        refused = told(await ask(stage, "settings"))
        shown = await ask(stage, "settings", manager_at(stage))
    assert refused == "Only people who can manage this server (Manage Server) can change that."
    assert card(shown).title == "Settings of this server"


async def test_a_direct_message_has_no_settings(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        refused = told(await stage.world.person.user.slash("pianola settings"))
    assert refused == "Settings belong to a server I'm installed in. Use this command there."


async def test_who_manages_no_more_decides_no_more(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        manager = manager_at(stage)
        shown = await ask(stage, "settings", manager)
        assert shown.response is not None
        member = stage.world.env.backend.get_guild(stage.world.env.guild.id).members[manager.id]
        member.role_ids.clear()
        pressed = await manager.click(shown.response.message, custom_id="pianola-rules:private")
        assert told_in(pressed) == "Only people who can manage this server (Manage Server) can change that."
        assert await rules_of(stage) == NO_RULES


def told_in(result: InteractionResult) -> str:
    """What was said for the eyes of who pressed, beside the message that was pressed."""
    (said,) = [message.content for message in (result.response, *result.followups) if message]
    return said


async def test_what_is_chosen_is_in_force_and_shown_at_once(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild, manager = stage.world.env.guild, manager_at(stage)
        role, channel = guild.create_role("musicians"), guild.create_text_channel("midi")
        shown = await ask(stage, "settings", manager)
        assert shown.response is not None
        message = shown.response.message
        assert "Who may use me: everybody" in text_of(card(shown))
        chosen: list[tuple[str, list[Any]]] = [
            ("roles", [role]),
            ("channels", [channel]),
            ("separation", ["split_stem"]),
        ]
        for rule, values in chosen:
            await manager.select(message, values, custom_id=f"pianola-rules:{rule}")
        assert await rules_of(stage) == Rules(
            roles=(role.id,), channels=(channel.id,), separation_type=Separation.ALL_STEMS
        )
        said = text_of(card(shown))
        assert f"Who may use me: <@&{role.id}>" in said
        assert f"Where: <#{channel.id}>" in said
        assert "Separation: All stems: one for each instrument" in said
        await manager.select(message, [], custom_id="pianola-rules:roles")
        await manager.select(message, ["own"], custom_id="pianola-rules:separation")
        assert await rules_of(stage) == Rules(channels=(channel.id,))
        assert "Who may use me: everybody" in text_of(card(shown))


@pytest.mark.parametrize(
    ("press", "back", "rules"),
    [
        ("private", "public", Rules(is_private=True)),
        ("no-previews", "previews", Rules(has_preview=False)),
    ],
)
async def test_a_button_turns_a_rule_over_and_back(
    tmp_path: Path, kie: KieServer, press: str, back: str, rules: Rules
) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        manager = manager_at(stage)
        shown = await ask(stage, "settings", manager)
        assert shown.response is not None
        await manager.click(shown.response.message, custom_id=f"pianola-rules:{press}")
        assert await rules_of(stage) == rules
        await manager.click(shown.response.message, custom_id=f"pianola-rules:{back}")
        assert await rules_of(stage) == NO_RULES


@pytest.mark.parametrize(
    ("seconds", "missing", "told"),
    [
        ("5", None, "on"),
        ("0", None, "off: my owner turned previews off"),
        ("5", "no synthesizer is installed", "off: I can't make previews on this machine"),
    ],
)
async def test_previews_that_nobody_gets_are_told_and_not_offered(
    tmp_path: Path,
    kie: KieServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    seconds: str,
    missing: str | None,
    told: str,
) -> None:
    monkeypatch.setattr(library, "available", lambda _: missing)
    async with pianola_at(kie, tmp_path, preview_seconds=seconds) as stage:
        shown = await ask(stage, "settings", manager_at(stage))
    assert shown.response is not None
    assert f"Previews to listen to: {told}\n" in text_of(card(shown)) + "\n"
    ids = [part.get("custom_id") for row in shown.response.components for part in row["components"]]
    assert ("pianola-rules:no-previews" in ids) is (told == "on")


async def numbers(stage: Stage, manager: MemberActor, member: str, server: str) -> InteractionResult:
    """Type numbers of songs into the modal of a fresh settings message."""
    shown = await ask(stage, "settings", manager)
    assert shown.response is not None
    modal = await manager.click(shown.response.message, custom_id="pianola-rules:limits")
    return await manager.submit_modal(modal, {"songs_per_member": member, "songs_per_server": server})


async def test_numbers_of_songs_are_typed(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        manager = manager_at(stage)
        await numbers(stage, manager, "3", " 40 ")
        assert await rules_of(stage) == Rules(songs_per_member=3, songs_per_server=40)
        assert "Songs per member in 24 hours: 3" in text_of(card(await ask(stage, "settings", manager)))
        await numbers(stage, manager, "", "0")
        assert await rules_of(stage) == NO_RULES


@pytest.mark.parametrize("typed", ["many", "-1", "1.5", "6", "99999999"])
async def test_a_number_that_cannot_be_is_refused_with_what_can(
    tmp_path: Path, kie: KieServer, typed: str
) -> None:
    async with pianola_at(kie, tmp_path, songs_per_user="5") as stage:
        answer = await numbers(stage, manager_at(stage), typed, "")
        assert told_in(answer) == (
            f"`{typed}` isn't a number I can use. Give a whole number from 1 to 5, or leave the field empty."
        )
        assert await rules_of(stage) == NO_RULES


async def test_all_goes_back_to_how_it_was_at_first(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        manager = manager_at(stage)
        await decide(stage, roles=(stage.world.env.guild.id,), is_private=True)
        shown = await ask(stage, "settings", manager)
        assert shown.response is not None
        assert f"Who may use me: <@&{stage.world.env.guild.id}>" in text_of(card(shown))
        await manager.click(shown.response.message, custom_id="pianola-rules:reset")
        assert await rules_of(stage) == NO_RULES


async def test_roles_and_channels_that_are_gone_are_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        guild, manager = stage.world.env.guild, manager_at(stage)
        await decide(stage, roles=(5, guild.id), channels=(6, stage.world.channel.id, 7))
        some = text_of(card(await ask(stage, "settings", manager)))
        await decide(stage, roles=(5, 8), channels=(6,))
        none = text_of(card(await ask(stage, "settings", manager)))
    assert f"Who may use me: <@&{guild.id}>\n1 chosen role no longer exists.\n" in some
    assert f"Where: <#{stage.world.channel.id}>\n2 chosen channels no longer exist.\n" in some
    assert "Who may use me: only managers\n2 chosen roles no longer exist.\n" in none
    assert "Where: nowhere, except for managers\n1 chosen channel no longer exists.\n" in none


async def test_a_settings_message_works_after_a_restart(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        manager = manager_at(stage)
        shown = await ask(stage, "settings", manager)
        assert shown.response is not None
        bot: Any = stage.world.env.bot
        for cog in ("cogs.pianola", "cogs.controls"):
            await bot.reload_extension(cog)
        assert not bot._connection._view_store._views
        await manager.click(shown.response.message, custom_id="pianola-rules:private")
        assert (await rules_of(stage)).is_private


@pytest.mark.parametrize("separates", [True, False])
async def test_a_studio_that_takes_no_song_apart_has_no_choice_of_it(
    tmp_path: Path, kie: KieServer, separates: bool
) -> None:
    opened = pianola_at(kie, tmp_path) if separates else pianola(tmp_path, studio_url=kie.url)
    async with opened as stage:
        shown = await ask(stage, "settings", manager_at(stage))
        assert shown.response is not None
        ids = [part.get("custom_id") for row in shown.response.components for part in row["components"]]
        assert ("pianola-rules:separation" in ids) is separates
        assert ("Separation: Two stems first; all stems once" in text_of(card(shown))) is separates
