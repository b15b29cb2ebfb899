"""A song that kie.ai refuses, and the built-in studio that takes it instead."""

import asyncio
import tempfile
from pathlib import Path

import discord
import pytest

from bot import studio
from tests.cogs.results import forget, labels, menu_of
from tests.cogs.test_said import say
from tests.kie_server import Fault, KieServer
from tests.stage import PATIENCE_SECONDS, Stage, midi_of, pianola_at, pitches_of, text_of, told, wav

REFUSED = Fault("code", code=422, message="The audio format is not supported")


async def refused(
    stage: Stage, kie: KieServer, fault: Fault = REFUSED, call: str = "separate"
) -> discord.Message:
    kie.break_next(call, fault, times=3)
    await stage.midi(song=("Night Drive.wav", wav()))
    message = await stage.reply()
    kie.faults.clear()
    return message


def studios_in(folder: Path) -> list[Path]:
    return [*folder.glob("pianola-studio-*")]


def sound_in(folder: Path) -> list[Path]:
    return [path for kind in ("uploads", "results") for path in folder.glob(f"pianola-studio-*/{kind}/*")]


async def taken_here(stage: Stage, kie: KieServer) -> None:
    """A song that kie.ai refuses, and that the built-in studio is asked to take."""
    await stage.world.person.click(await refused(stage, kie), label="Transcribe it here")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the studio's folder is made during the test."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("code", "call"), [(413, "separate"), (422, "separate"), (451, "separate"), (413, "upload")]
)
async def test_what_kie_refuses_is_transcribed_here(
    tmp_path: Path, kie: KieServer, code: int, call: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        fault = Fault("code", code=code, message="The audio format is not supported")
        message = await refused(stage, kie, fault, call)
        assert "did not accept this audio: The audio format is not supported" in text_of(message)
        assert labels(message) == ["Transcribe it here"]
        await stage.world.person.click(message, label="Transcribe it here")
        answer = await stage.reply()
        job = await stage.ended()
    midi = await midi_of(answer)
    assert midi.tracks[0].name == "Night Drive"
    assert {60, 64, 67, 72} <= set(pitches_of(midi))
    assert "credits" not in text_of(answer)
    assert kie.charges == []
    assert kie.count("generate_midi") == 0
    assert job.studio == "builtin"
    # What Discord has is forgotten; what kie.ai has from the first try can be had once more.
    assert bool(job.parts[0].source) == (call == "separate")


async def test_what_was_done_here_is_tried_again_here(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await taken_here(stage, kie)
        first = await stage.reply()
        await stage.world.person.click(first, label="Run again")
        answer = await stage.reply()
        job = await stage.ended()
    assert answer.id != first.id
    assert answer.attachments
    assert job.studio == "builtin"
    assert kie.count("separate") == 1


async def test_a_task_that_ends_as_refused_can_be_done_here_too(tmp_path: Path) -> None:
    async with (
        KieServer(work_seconds=None) as kie,
        pianola_at(kie, tmp_path, poll_seconds="0.1") as stage,
    ):
        await stage.midi(song=("song.wav", wav()))
        while not kie.tasks:
            await stage.reached("separating")
        (separation,) = kie.tasks
        await kie.fail(separation, 451, "Source could not be fetched")
        message = await stage.reply()
    assert labels(message) == ["Transcribe it here"]


async def test_nothing_is_left_of_the_studio(tmp_path: Path, kie: KieServer, temporary: Path) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await refused(stage, kie)
        assert not studios_in(temporary)
        await stage.world.person.click(message, label="Transcribe it here")
        assert (await stage.reply()).attachments
        assert len(studios_in(temporary)) == 1
    assert not studios_in(temporary)


async def test_sound_that_another_process_could_not_forget_is_gone_when_the_song_is_done(
    tmp_path: Path, kie: KieServer, temporary: Path, postgres_url: str
) -> None:
    async with pianola_at(kie, tmp_path, database_url=postgres_url) as stage:
        await taken_here(stage, kie)
        answer = await stage.reply()
        assert answer.attachments
        assert not sound_in(temporary)
        # Nothing is offered that would have to be heard in it.
        offered = {option.value for option in menu_of(answer).options}
        assert not {each for each in offered if each == "beside" or each.startswith("notes-")}
        await say(stage, answer, "Drums")
        assert text_of(await answer.fetch()) != text_of(answer)
        await stage.world.person.click(answer, label="Run again")
        assert (await stage.reply()).id != answer.id
        assert (await stage.ended()).state == "done"


async def test_a_song_that_nobody_has_any_more_is_not_offered_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        fault = Fault("code", code=413, message="The file is too large")
        await stage.world.person.click(await refused(stage, kie, fault, "upload"), label="Transcribe it here")
        answer = await stage.reply()
        assert answer.attachments
        assert "Run again" not in labels(answer)


async def test_deleting_reaches_a_song_that_was_done_there(
    tmp_path: Path, kie: KieServer, temporary: Path
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await taken_here(stage, kie)
        await stage.reply()
        assert sound_in(temporary)
        await stage.desk.delete(await stage.ended())
        assert not sound_in(temporary)


async def test_forgetting_reaches_a_song_that_is_at_work_there(
    tmp_path: Path, kie: KieServer, temporary: Path
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await taken_here(stage, kie)
        job = await stage.reached("transcribing")
        while not (await stage.running.store.get(job.id) or job).parts[0].separation:  # noqa: ASYNC110 (a row gives no sign)
            await asyncio.sleep(0.01)
        assert sound_in(temporary)
        await forget(stage)
        assert not sound_in(temporary)


async def test_what_a_dead_process_had_in_hand_is_begun_anew(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await taken_here(stage, kie)
        job = await stage.reached("transcribing")
    async with pianola_at(kie, tmp_path) as stage:
        ended = await stage.running.store.get(job.id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while ended is None or not ended.state.is_final:
                await asyncio.sleep(0.02)  # nobody tells the test
                ended = await stage.running.store.get(job.id)
        assert (ended.state, ended.studio) == ("done", "builtin")


async def test_it_can_be_cancelled_at_work(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await taken_here(stage, kie)
        job = await stage.reached("transcribing")
        shown = await stage.shown("⏳ **Finding the notes**")
        await stage.world.person.click(shown, custom_id=f"pianola:cancel:{job.id}")
        assert (await stage.ended()).state == "cancelled"
        assert not (await stage.shown("Cancelled.")).attachments


async def test_without_the_studios_packages_nothing_is_offered(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "available", lambda: "onnxruntime is not installed")
    async with pianola_at(kie, tmp_path) as stage:
        message = await refused(stage, kie)
    assert not message.components


async def test_a_file_that_kie_no_longer_has_is_said_to_be_gone(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await refused(stage, kie)
        kie.uploads.clear()
        await stage.world.person.click(message, label="Transcribe it here")
        answer = await stage.reply()
    assert "I no longer have this song. Please send it again." in text_of(answer)


async def test_a_deleted_song_is_not_transcribed_here(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await refused(stage, kie)
        await stage.desk.delete(await stage.ended())
        pressed = await stage.world.person.click(message, label="Transcribe it here")
        assert told(pressed) == "I no longer have this song. Please send it again."
