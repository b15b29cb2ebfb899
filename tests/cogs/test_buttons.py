"""The buttons under an answer."""

from pathlib import Path

from tests.cogs.results import refusal_of
from tests.kie_server import CallbackPlan, Fault, KieServer
from tests.stage import midi_of, pianola_at, text_of, wav


async def test_cancel_ends_a_song_without_a_result(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        job = await stage.reached("separating")
        answer = await stage.shown("⏳ **Separating the instruments**")
        await stage.world.person.click(answer, custom_id=f"pianola:cancel:{job.id}")
        assert (await stage.ended()).state == "cancelled"
        for task_id in list(kie.tasks):
            await kie.finish(task_id)
        shown = stage.world.channel.last_message
        assert shown is not None
    assert text_of(shown).startswith("song\nCancelled.")
    assert not shown.attachments
    assert not shown.components


async def test_only_the_asker_cancels(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        job = await stage.reached("separating")
        answer = await stage.shown("⏳ **Separating the instruments**")
        guild = stage.world.env.guild
        stranger = guild.add_member(stage.world.env.create_user("stranger"))
        pressed = await stranger.click(answer, custom_id=f"pianola:cancel:{job.id}")
        assert refusal_of(pressed) == "Only the person who asked for this song can do that."
        assert (await stage.running.store.get(job.id)) is not None


async def test_a_finished_song_is_too_late_to_cancel(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        assert not await stage.desk.cancel(job.id)


async def test_try_again_pays_for_nothing_twice(tmp_path: Path, kie: KieServer) -> None:
    kie.plan = CallbackPlan()
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        failed = await stage.ended()
        answer = stage.world.channel.last_message
        assert answer is not None
        assert "closed for maintenance" in text_of(answer)
        await stage.world.person.click(answer, custom_id=f"pianola:again:{failed.id}")
        message = await stage.reply()
    assert (await midi_of(message)).tracks[0].name == "Night Drive"
    assert kie.count("separate") == 1
    assert kie.count("upload") == 1


async def test_an_answer_that_was_deleted_cancels_its_song(tmp_path: Path) -> None:
    async with (
        KieServer(work_seconds=None) as kie,
        pianola_at(kie, tmp_path, poll_seconds="0.1") as stage,
    ):
        await stage.midi(song=("song.wav", wav()))
        await stage.reached("separating")
        stage.world.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=404, code=10008)
        assert (await stage.ended()).state == "cancelled"
