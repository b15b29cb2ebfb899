"""`/midis` and `/pianola forget`: what is kept, found again, and deleted."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import InteractionResult

from bot.chat.shown import song_list
from bot.jobs.model import Job, State
from bot.language import ENGLISH
from tests.cogs.results import posted, stranger_at
from tests.cogs.test_server_rules import decide
from tests.jobs.storage.test_store import NOW, a_job
from tests.kie_server import KieServer
from tests.kie_server.state import SONG
from tests.stage import Stage, midi_of, pianola_at, text_of, told, wav

GONE = "I no longer have this song. Please send it again."
EMPTY = "You have no saved songs yet. Make one with `/midi`: I keep it for 14 days, or until you delete it."


async def kept(stage: Stage, title: str, *, minutes_ago: int = 0, **changes: Any) -> Job:
    """A song of the person at the channel, finished and shown a while ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    number = minutes_ago + 1
    given = {"created_at": at, "instruments": 2, "notes": 3, "message_id": 9, **changes}
    job = a_job(number, stage.world.person.id, title=title, **given).moved(State.DONE, at)
    assert await stage.running.store.add(job, NOW)
    await stage.running.store.keep_notes(job.id, 0, json.dumps(SONG).encode())
    return job


async def listing(stage: Stage) -> InteractionResult:
    """`/midis` without a song."""
    shown = await stage.world.person.slash(stage.world.channel, "midis")
    assert shown.response is not None
    assert shown.response.ephemeral
    return shown


def sheet(shown: InteractionResult) -> discord.Message:
    """The list as it stands now."""
    assert shown.response is not None
    return shown.response.message


def titles_on(shown: InteractionResult) -> list[str]:
    lines = (sheet(shown).embeds[0].description or "").splitlines()[::2]
    return [line.strip("*").partition("\\. ")[2] for line in lines]


def controls(shown: InteractionResult) -> dict[str, bool]:
    """What can be pressed or chosen, and whether it is there to be."""
    rows = [row for row in sheet(shown).components if isinstance(row, discord.ActionRow)]
    return {
        str(child.placeholder if isinstance(child, discord.SelectMenu) else child.label): not child.disabled
        for row in rows
        for child in row.children
        if not isinstance(child, discord.TextInput)
    }


async def titles(stage: Stage, typed: str) -> list[str]:
    choices = await stage.world.person.autocomplete(stage.world.channel, "midis", "song", typed)
    return [choice["name"].split(" · ")[0] for choice in choices]


async def test_a_song_can_be_had_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        assert await titles(stage, "son") == ["song"]
        assert await titles(stage, "another") == []
        first = stage.world.channel.last_message
        assert first is not None
        again = await stage.world.person.slash(stage.world.channel, "midis", song=job.id)
        assert again.response is not None
        message = again.response.message
        assert (await midi_of(message)).tracks[0].name == (await midi_of(first)).tracks[0].name
    assert kie.count("generate_midi") == 1


async def test_nobody_gets_a_song_of_somebody_else(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        stranger = stranger_at(stage)
        for asked in (job.id, "song"):
            assert told(await stranger.slash(stage.world.channel, "midis", song=asked)) == GONE
        theirs = await stranger.slash(stage.world.channel, "midis")
        assert text_of(sheet(theirs)).startswith("Your songs\nYou have no saved songs yet.")


@pytest.mark.parametrize("menu", ["open", "drop"])
async def test_the_list_of_an_earlier_process_works_for_its_owner_alone(
    tmp_path: Path, kie: KieServer, menu: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive")
        kept_songs = stage.world.env.bot.kept_songs  # type: ignore[attr-defined]  # it is ours
        page = await kept_songs.page(stage.world.person.id, 0)
        left = await posted(stage, song_list.listed(page, kept_songs, ENGLISH).view)
        custom_id = f"pianola-songs:{menu}:0"
        assert told(await stranger_at(stage).select(left, [job.id], custom_id=custom_id)) == GONE
        mine = await stage.world.person.select(left, [job.id], custom_id=custom_id)
        assert mine.acknowledged
        assert "Night Drive" in text_of(mine.response.message if mine.response else await left.fetch())


async def test_nobody_deletes_a_song_of_somebody_else(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive")
        left = await posted(stage, song_list.question(job, 0, ENGLISH).view)
        await stranger_at(stage).click(left, label="Delete")
        assert await stage.running.store.get(job.id) == job


async def test_nothing_kept_is_told_with_what_to_do(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, keep_days="1") as stage:
        shown = await listing(stage)
        assert sheet(shown).embeds[0].description == EMPTY.replace("14 days", "1 day")
        assert controls(shown) == {}


async def test_the_list_says_what_each_song_is_and_how_long_it_is_kept(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night *Drive*")
        description = sheet(await listing(stage)).embeds[0].description
    made = int(job.created_at.timestamp())
    assert description == (f"**1\\. Night \\*Drive\\***\n<t:{made}:R> · 2 instruments · 3 notes")


async def test_the_list_says_which_song_goes_soon(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await kept(stage, "New")
        old = await kept(stage, "Old", minutes_ago=60 * 24 * 12)
        lines = str(sheet(await listing(stage)).embeds[0].description).splitlines()
    until = int((old.created_at + timedelta(days=14)).timestamp())
    assert [f"kept until <t:{until}:d>" in line for line in lines] == [False, False, False, True]


async def test_the_list_counts_what_was_heard_in_a_song(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        await stage.ended()
        assert "2 instruments · 3 notes" in text_of(sheet(await listing(stage)))


async def test_pages_are_turned_with_buttons(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        for number in range(23):
            await kept(stage, f"Song {number}", minutes_ago=number)
        shown = await listing(stage)
        press = stage.world.person.click
        turns = {"Open a song here…": True, "Delete a song…": True}
        assert titles_on(shown) == [f"Song {number}" for number in range(10)]
        assert controls(shown) == {**turns, "Previous": False, "Next": True}
        assert sheet(shown).embeds[0].footer.text == "23 songs · page 1 of 3 · each kept for 14 days"
        await press(sheet(shown), label="Next")
        assert titles_on(shown) == [f"Song {number}" for number in range(10, 20)]
        assert controls(shown) == {**turns, "Previous": True, "Next": True}
        await press(sheet(shown), label="Next")
        assert titles_on(shown) == ["Song 20", "Song 21", "Song 22"]
        assert controls(shown) == {**turns, "Previous": True, "Next": False}
        await press(sheet(shown), label="Previous")
        assert titles_on(shown)[0] == "Song 10"


async def test_one_page_needs_no_turning(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await kept(stage, "Night Drive")
        assert set(controls(await listing(stage))) == {"Open a song here…", "Delete a song…"}


async def test_the_menu_opens_a_song_for_all_who_are_here(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive")
        shown = await listing(stage)
        opened = await stage.world.person.select(sheet(shown), [job.id], custom_id="pianola-songs:open:0")
        assert opened.response is not None
        assert not opened.response.ephemeral
        assert opened.response.embeds[0].title == "Night Drive"
        assert (await midi_of(opened.response.message)).tracks
        assert titles_on(shown) == ["Night Drive"]


async def test_a_song_is_deleted_after_one_question(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        person = stage.world.person
        job, other = await kept(stage, "Night Drive"), await kept(stage, "Other", minutes_ago=1)
        shown = await listing(stage)
        await person.select(sheet(shown), [job.id], custom_id="pianola-songs:drop:0")
        assert text_of(sheet(shown)).startswith("Night Drive\nDelete this song and all its files?")
        assert list(controls(shown)) == ["Delete", "Keep it"]
        await person.click(sheet(shown), label="Keep it")
        assert titles_on(shown) == ["Night Drive", "Other"]
        await person.select(sheet(shown), [job.id], custom_id="pianola-songs:drop:0")
        await person.click(sheet(shown), label="Delete")
        assert titles_on(shown) == ["Other"]
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.notes(job.id) == {}
        assert await stage.running.store.get(other.id) is not None


async def test_the_last_song_of_a_page_takes_the_page_along(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        jobs = [await kept(stage, f"Song {number}", minutes_ago=number) for number in range(11)]
        shown = await listing(stage)
        await stage.world.person.click(sheet(shown), label="Next")
        await stage.world.person.select(sheet(shown), [jobs[10].id], custom_id="pianola-songs:drop:1")
        await stage.world.person.click(sheet(shown), label="Delete")
        assert titles_on(shown) == [f"Song {number}" for number in range(10)]


@pytest.mark.parametrize("menu", ["open", "drop"])
async def test_a_song_that_is_gone_meanwhile_is_told(tmp_path: Path, kie: KieServer, menu: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive")
        shown = await listing(stage)
        await stage.running.store.delete(job.id)
        answer = await stage.world.person.select(sheet(shown), [job.id], custom_id=f"pianola-songs:{menu}:0")
        assert told(answer) == GONE


async def test_a_song_that_was_only_kept_is_marked_until_it_is_opened(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive", message_id=None)
        assert text_of(sheet(await listing(stage))).count("**not delivered yet**") == 1
        await stage.world.person.slash(stage.world.channel, "midis", song=job.id)
        assert "not delivered yet" not in text_of(sheet(await listing(stage)))


async def test_what_was_not_posted_when_a_song_was_made_is_not_told_for_ever(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive", undelivered=2)
        shown = text_of(sheet(await opened(stage, job)))
    assert "Night Drive" in shown
    assert "I couldn't post" not in shown


async def test_a_result_that_is_on_its_way_is_not_taken_for_delivered(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        late = a_job(1, stage.world.person.id).moved(State.DELIVERING, datetime.now(UTC))
        # Its next look is far away, as that of a result which Discord does not take, and not so far that it is taken for lost.
        assert await stage.running.store.add(late, timedelta(minutes=30))
        await stage.running.store.keep_notes(late.id, 0, json.dumps(SONG).encode())
        assert not (await opened(stage, late)).ephemeral
        assert await stage.running.store.get(late.id) == late


async def test_a_song_opens_by_words_of_its_title(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await kept(stage, "\u00c9t\u00e9 indien", minutes_ago=2)
        await kept(stage, "Night Drive", minutes_ago=1)
        opened = await stage.world.person.slash(stage.world.channel, "midis", song="indien \u00c9T\u00c9")
        assert opened.response is not None
        assert opened.response.embeds[0].title == "\u00c9t\u00e9 indien"
        nothing = await stage.world.person.slash(stage.world.channel, "midis", song="nowhere")
        assert told(nothing) == GONE


async def test_an_offer_fits_and_says_when(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        for minutes, title in enumerate(["x" * 300, " \n", "two\nlines"]):
            await kept(stage, title, minutes_ago=minutes)
        found = await stage.world.person.autocomplete(stage.world.channel, "midis", "song", "")
        assert [choice["name"].partition(" · ")[0] for choice in found] == [
            "x" * 76 + "…",
            "Song",
            "two lines",
        ]
        assert all(len(choice["name"]) <= 100 and choice["name"].endswith(" UTC") for choice in found)
        assert len(titles_on(await listing(stage))) == 3


async def opened(stage: Stage, job: Job) -> InteractionResult:
    """`/midis` with a song."""
    return await stage.world.person.slash(stage.world.channel, "midis", song=job.id)


async def test_a_song_that_was_asked_for_in_private_opens_in_private(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, private=True)
        answer = await opened(stage, await stage.ended())
        assert answer.ephemeral
        assert answer.response is not None
        assert (await midi_of(answer.response.message)).tracks


@pytest.mark.parametrize("rules", [{"is_private": True}, {"channels": (1,)}, {"roles": (1,)}])
async def test_where_a_server_wants_no_answers_its_asker_alone_sees_a_song(
    tmp_path: Path, kie: KieServer, rules: dict[str, Any]
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job = await kept(stage, "Night Drive")
        assert not (await opened(stage, job)).ephemeral
        await decide(stage, **rules)
        assert (await opened(stage, job)).ephemeral


async def task_ids(stage: Stage, typed: str = "") -> list[tuple[str, str]]:
    """What is offered for `task_id`: names without their dates, and values."""
    found = await stage.world.person.autocomplete(stage.world.channel, "midi", "task_id", typed)
    return [(choice["name"].partition(" · ")[0], choice["value"]) for choice in found]


async def test_separations_that_were_made_are_offered_for_the_next_song(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert await task_ids(stage) == []
        await stage.midi(song=("Night Drive.wav", wav()))
        made = (await stage.ended()).parts[0].separation
        assert made is not None
        given = kie.add_separation().id
        await stage.midi(task_id=given)
        await stage.ended()
        assert await task_ids(stage) == [("song", given), ("Night Drive", made.id)]
        assert await task_ids(stage, "DRIVE") == [("Night Drive", made.id)]
        assert await task_ids(stage, "nowhere") == []
        stranger = stranger_at(stage)
        assert await stranger.autocomplete(stage.world.channel, "midi", "task_id", "") == []


async def test_a_separation_that_is_used_again_keeps_its_title(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        made = (await stage.ended()).parts[0].separation
        assert made is not None
        await stage.midi(task_id=made.id, stem="vocals")
        again = await stage.ended()
        assert (again.title, again.stem) == ("Night Drive", "vocals")
    assert kie.count("separate") == 1


async def test_an_id_that_was_never_one_is_not_offered_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id="mistyped")
        assert (await stage.ended()).state == "failed"
        assert await task_ids(stage) == []
