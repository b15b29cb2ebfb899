"""`/midis` and `/pianola forget`: what is kept, and that it can be deleted."""

from pathlib import Path

from tests.kie_server import KieServer
from tests.stage import Stage, midi_of, pianola_at, told


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
        stranger = stage.world.env.guild.add_member(stage.world.env.create_user("stranger"))
        answer = await stranger.slash(stage.world.channel, "midis", song=job.id)
    assert told(answer) == "I no longer have this song. Please send it once more."


async def test_forget_deletes_all_that_is_kept(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        answer = await stage.world.person.slash(stage.world.channel, "pianola forget")
        assert told(answer).startswith("Done: 1 song deleted.")
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.notes(job.id) == {}
        assert await titles(stage, "") == []


async def test_forget_stops_what_is_under_way(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        separation = kie.add_separation()
        await stage.midi(task_id=separation.id)
        job = await stage.reached("transcribing")
        await stage.world.person.slash(stage.world.channel, "pianola forget")
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.due_at(job.id) is None
