"""The menu and the buttons under a finished song: what each gives, to whom, and for how long."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button, Choice, Menu
from bot.chat.shown.views import view_of
from bot.jobs.model import Job
from tests.cogs.results import (
    as_midi,
    file_of,
    finished,
    labels,
    menu_of,
    more,
    notes_of,
    posted,
    refusal_of,
    stranger_at,
)
from tests.kie_server import Fault, KieServer
from tests.stage import midi_of, pianola_at, pitches_of, told, wav

GONE = "I no longer have this song. Please send it again."
NOT_YOURS = "Only the person who asked for this song can do that."


async def test_a_finished_song_has_a_row_of_buttons_and_a_menu(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
    buttons = ["One instrument…", "All as zip", "Quantised…", "Sheet", "Run again"]
    assert labels(answer) == [*buttons, "More…"]
    assert [option.label for option in menu_of(answer).options] == [
        "Bars…",
        "Key and part…",
        "Tempo…",
        "Chords",
        "CSV",
        "It is a…",
        "Audio stems",
        "Delete…",
    ]


async def test_a_finished_song_is_heard_again_without_another_separation(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        await stage.ended()
        await stage.world.person.click(await stage.reply(), label="Run again")
        again = await stage.reply()
    assert (await midi_of(again)).tracks[0].name == "Night Drive"
    assert (kie.count("upload"), kie.count("separate"), kie.count("generate_midi")) == (1, 1, 2)


async def test_one_instrument_is_given_to_whoever_wants_it(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = (await stage.world.person.click(answer, label="One instrument…")).response
        assert asked is not None
        assert asked.ephemeral
        assert [(option.label, option.description) for option in menu_of(asked.message).options] == [
            ("Acoustic Grand Piano", "2 notes"),
            ("Drums", "1 note"),
        ]
        chosen = await stage.world.person.select(asked.message, ["1"])
        name, data = await file_of(chosen)
    assert name == "song-drums.mid"
    assert [track.name for track in as_midi(data).tracks[1:]] == ["Drums"]
    assert len(pitches_of(as_midi(data))) == 1
    assert kie.count("generate_midi") == 1


async def test_more_instruments_than_a_menu_holds_are_in_several(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of(*(f"Part {number}" for number in range(60)), beats=2)
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        asked = (await stage.world.person.click(answer, label="One instrument…")).response
        assert asked is not None
        ids = [f"pianola-menu:instrument:{page}:{job.id}" for page in range(3)]
        chosen = await stage.world.person.select(asked.message, ["59"], custom_id=ids[2])
        zipped = await stage.world.person.click(answer, custom_id=f"pianola:zip:{job.id}")
        _, archive = await file_of(zipped)
        name, _ = await file_of(chosen)
    assert name == "song-part-59.mid"
    assert len(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == 60


async def test_all_instruments_come_in_one_archive(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        name, data = await file_of(await stage.world.person.click(answer, label="All as zip"))
    assert name == "song.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["acoustic-grand-piano.mid", "drums.mid"]
        assert pitches_of(as_midi(archive.read("acoustic-grand-piano.mid"))) == [60, 64]


async def test_the_notes_come_as_a_table(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        name, data = await file_of(await more(stage.world.person, answer, "csv"))
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert name == "song.csv"
    assert [(row["instrument"], row["note"]) for row in rows[:2]] == [
        ("Acoustic Grand Piano", "C4"),
        ("Acoustic Grand Piano", "E4"),
    ]
    assert len(rows) == 3


async def test_of_a_few_notes_no_chords_are_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        pressed = await more(stage.world.person, answer, "chords")
    assert told(pressed) == "I heard too few notes to tell chords from."


async def test_a_stranger_may_take_files_and_nothing_else(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        stranger = stranger_at(stage)
        name, _ = await file_of(await more(stranger, answer, "csv"))
        refused = await more(stranger, answer, "delete")
        assert refusal_of(refused) == NOT_YOURS
        assert await stage.desk.job(job.id) is not None
        assert (await midi_of(answer)).tracks
    assert name == "song.csv"


async def test_the_asker_deletes_the_answer_and_all_that_is_kept(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        kept, _ = await finished(stage, kie)
        job, answer = await finished(stage, kie)
        assert job.id != kept.id
        before = labels(answer)
        await more(stage.world.person, answer, "delete")
        assert await stage.running.store.get(job.id) is not None
        assert labels(await answer.fetch()) == [*before, "Delete for good", "Keep it"]
        await stage.world.person.click(await answer.fetch(), label="Delete for good")
        with pytest.raises(discord.NotFound):
            await answer.fetch()
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.notes(job.id) == {}
        assert await stage.running.store.get(kept.id) is not None
        assert await stage.running.store.notes(kept.id)


async def test_who_manages_messages_deletes_too(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        guild = stage.world.env.guild
        keeper = guild.create_role("keeper", permissions=discord.Permissions(manage_messages=True))
        moderator = guild.add_member(stage.world.env.create_user("moderator"), roles=[keeper])
        await more(moderator, answer, "delete")
        await moderator.click(await answer.fetch(), label="Delete for good")
        assert await stage.running.store.get(job.id) is None


async def test_a_song_that_is_kept_after_all_has_its_controls_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        before = labels(answer)
        await more(stage.world.person, answer, "delete")
        await stage.world.person.click(await answer.fetch(), label="Keep it")
        assert labels(await answer.fetch()) == before
        assert await stage.running.store.get(job.id) is not None


async def test_an_answer_of_an_earlier_version_gets_its_button_to_delete_back(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, _ = await finished(stage, kie)
        left = await posted(stage, view_of(Card(controls=(Button("zip", job.id), Button("delete", job.id)))))
        await stage.world.person.click(left, label="Delete…")
        assert labels(await left.fetch()) == ["All as zip", "Delete for good", "Keep it"]
        await stage.world.person.click(await left.fetch(), label="Keep it")
        assert labels(await left.fetch()) == ["All as zip", "Delete…"]


async def test_a_song_of_one_instrument_has_no_file_of_it_alone_and_no_archive(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.notes = notes_of("Piano", beats=2)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
    assert labels(answer) == ["Quantised…", "Sheet", "Run again", "More…"]


async def test_a_moderator_of_another_server_deletes_nothing(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, _ = await finished(stage, kie)
        elsewhere = stage.world.env.create_guild("elsewhere")
        channel = elsewhere.create_text_channel("music")
        elsewhere.add_member(stage.world.person.user)
        keeper = elsewhere.create_role("keeper", permissions=discord.Permissions(manage_messages=True))
        moderator = elsewhere.add_member(stage.world.env.create_user("moderator"), roles=[keeper])
        message = await posted(stage, view_of(Card(controls=(Button("delete", job.id),))), channel.id)
        assert refusal_of(await moderator.click(message, label="Delete…")) == NOT_YOURS
        assert await stage.desk.job(job.id) is not None


@pytest.mark.parametrize("label", ["All as zip", "One instrument…"])
async def test_a_press_is_acknowledged_before_anything_is_looked_up(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    seen: list[bool] = []
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        find, before = stage.desk.job, len(stage.world.env.http_requests)

        async def watched(job_id: str) -> Job | None:
            requests = stage.world.env.http_requests[before:]
            seen.append(any(request.path.endswith("/callback") for request in requests))
            return await find(job_id)

        monkeypatch.setattr(stage.desk, "job", watched)
        await stage.world.person.click(answer, label=label)
    assert seen == [True]


@pytest.mark.parametrize("label", ["All as zip", "Quantised…", "One instrument…"])
async def test_a_song_deleted_meanwhile_is_refusal_of(tmp_path: Path, kie: KieServer, label: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        await stage.desk.forget(stage.world.person.id)
        assert refusal_of(await stage.world.person.click(answer, label=label)) == GONE


@pytest.mark.parametrize("action", ["tempo", "csv", "said", "stems"])
async def test_more_of_a_song_deleted_meanwhile_is_refusal_of(
    tmp_path: Path, kie: KieServer, action: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        await stage.desk.forget(stage.world.person.id)
        assert refusal_of(await more(stage.world.person, answer, action)) == GONE


async def test_a_line_of_another_version_is_answered_with_what_to_do(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, _ = await finished(stage, kie)
        menu = Menu("more", job.id, "…", (Choice("Sing", "-", "sing"),))
        message = await posted(stage, view_of(Card(controls=(menu,))))
        pressed = await stage.world.person.select(message, ["sing"])
    assert refusal_of(pressed).startswith("This button is from an older version of me")


async def test_controls_work_after_a_restart(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as before:
        job, _ = await finished(before, kie)
    menu = Menu("instrument", job.id, "…", (Choice("Piano", "2 notes"),))
    controls = view_of(Card(controls=(menu, Button("zip", job.id))))
    async with pianola_at(kie, tmp_path) as stage:
        message = await posted(stage, controls)
        instrument, _ = await file_of(await stage.world.person.select(message, ["0"]))
        archive, _ = await file_of(await stage.world.person.click(message, label="All as zip"))
    assert (instrument, archive) == ("song-acoustic-grand-piano.mid", "song.zip")
    assert kie.count("generate_midi") == 1


async def test_a_file_over_the_limit_is_refusal_of(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        stated = discord.Interaction._from_data

        def with_little_room(interaction: discord.Interaction, data: Any) -> None:
            data["attachment_size_limit"] = 1024**2
            stated(interaction, data)

        monkeypatch.setattr(discord.Interaction, "_from_data", with_little_room)
        monkeypatch.setattr("bot.chat.shown.result.copies.archive", lambda _: bytes(1024**2 + 1))
        pressed = await stage.world.person.click(answer, label="All as zip")
    assert refusal_of(pressed).startswith("`song.zip` is larger than the 1 MB I can send here.")


async def test_a_file_that_discord_finds_too_large_is_refusal_of(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        stage.world.env.inject_error("POST", "/webhooks/*", status=413, code=40005, times=1)
        pressed = await more(stage.world.person, answer, "csv")
    assert refusal_of(pressed).startswith("`song.csv` is larger than the")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((400, 200_000), "AutoMod"), ((400, 200_001), "AutoMod"), ((400, 240_000), "blocks a word"),
        ((403, 50_001), "doesn't let me answer"), ((403, 50_013), "doesn't let me answer"), ((400, 50_083), "doesn't let me answer"),
        ((400, 50_035), "doesn't let me answer"), ((400, 160_002), "doesn't let me answer"), ((400, 30_046), "doesn't let me answer"),
        ((404, 10_003), "doesn't let me answer"), ((404, 10_008), "doesn't let me answer"), ((403, 50_007), "doesn't let me answer"),
        ((400, 130_000), "too much to do"),
    ],
)  # fmt: skip
async def test_what_discord_does_not_take_is_told_in_a_line(
    tmp_path: Path, kie: KieServer, capsys: pytest.CaptureFixture[str], refusal: tuple[int, int], said: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        status, code = refusal
        stage.world.env.inject_error("POST", "/webhooks/*", status=status, code=code)
        pressed = await more(stage.world.person, answer, "csv")
    assert said in refusal_of(pressed)
    shown = capsys.readouterr().out
    assert shown.count("control.failed") == 1
    assert "Traceback" not in shown


async def test_what_nobody_foresaw_is_told_as_a_sentence(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("key=hunter2")

    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        monkeypatch.setattr("bot.chat.shown.result.copies.archive", broken)
        pressed = await stage.world.person.click(answer, label="All as zip")
    assert refusal_of(pressed) == "Something went wrong on our side. Please try again in a minute."


async def test_a_button_of_another_version_is_answered_with_what_to_do(
    tmp_path: Path, kie: KieServer
) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Sing", custom_id="pianola:sing:0123456789abcdef0123"))
    view.stop()
    async with pianola_at(kie, tmp_path) as stage:
        pressed = await stage.world.person.click(await posted(stage, view), label="Sing")
    assert refusal_of(pressed).startswith("This button is from an older version of me")


async def test_a_song_had_again_has_the_same_controls(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, first = await finished(stage, kie)
        again = await stage.world.person.slash(stage.world.channel, "midis", song=job.id)
        assert again.response is not None
        assert labels(again.response.message) == labels(first)
        name, _ = await file_of(await more(stage.world.person, again.response.message, "csv"))
    assert name == "song.csv"


async def test_an_answer_posted_without_its_interaction_has_the_controls(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        stage.world.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=401, code=50027)
        _, answer = await finished(stage, kie)
        name, _ = await file_of(await more(stage.world.person, answer, "csv"))
    assert name == "song.csv"


async def test_a_failure_has_no_controls_of_a_song(tmp_path: Path, kie: KieServer) -> None:
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
    assert labels(answer) == ["Try again"]
