"""`/midi task_id:` with the id of a piece of music that somebody made at kie.ai."""

from pathlib import Path

from bot.kie.separation import Separation
from tests.cogs.results import menu_of, refusal_of, stranger_at
from tests.cogs.test_separation import bodies
from tests.kie_server import KieServer, Track
from tests.stage import midi_of, pianola_at, text_of


async def test_the_only_track_is_separated_and_transcribed(tmp_path: Path, kie: KieServer) -> None:
    music = kie.add_music(Track("Night Drive", 198.44))
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=music.id)
        message = await stage.reply()
    assert (await midi_of(message)).tracks[0].name == "Night Drive"
    (sent,) = bodies(kie, "separate")
    assert (sent["taskId"], sent["audioId"]) == (music.id, music.tracks[0].id)
    assert "audioUrl" not in sent
    assert kie.count("upload") == 0


async def test_of_several_tracks_one_is_chosen(tmp_path: Path, kie: KieServer) -> None:
    music = kie.add_music(Track("Night Drive", 198.44), Track("Night Drive", 61), Track("", 0))
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=music.id)
        answer = await stage.shown("Which one should I use?")
        assert [(option.label, option.description) for option in menu_of(answer).options] == [
            ("1 · Night Drive", "3:18"),
            ("2 · Night Drive", "1:01"),
            ("3 · Track 3", "length unknown"),
        ]
        assert kie.charges == []
        refused = await stranger_at(stage).select(answer, ["1"])
        assert refusal_of(refused) == "Only the person who asked for this song can do that."
        await stage.world.person.select(answer, ["1"])
        message = await stage.reply()
        assert message.attachments
    (sent,) = bodies(kie, "separate")
    assert sent["audioId"] == music.tracks[1].id


async def test_a_track_and_a_price_are_two_questions(tmp_path: Path, kie: KieServer) -> None:
    music = kie.add_music(Track("Night Drive", 198.44), Track("Day Walk", 61))
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        await stage.midi(task_id=music.id, separation=Separation.ONE_INSTRUMENT.value, stem="Piano")
        await stage.world.person.select(await stage.shown("Which one should I use?"), ["1"])
        answer = await stage.shown("costs about 20 credits")
        assert text_of(answer).startswith("Day Walk\n")
        job = await stage.reached("separating")
        await stage.world.person.click(answer, custom_id=f"pianola:go:{job.id}")
        assert (await stage.reply()).attachments
    (sent,) = bodies(kie, "separate")
    assert (sent["audioId"], sent["stemName"]) == (music.tracks[1].id, "Piano")


async def test_music_that_is_still_being_made_is_waited_for_by_the_person(
    tmp_path: Path, kie: KieServer
) -> None:
    music = kie.add_music()
    music.state = "pending"
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=music.id)
        message = await stage.reply()
    assert "That song is still being made." in text_of(message)
    assert message.components


async def test_music_that_failed_is_told_in_the_studios_words(tmp_path: Path, kie: KieServer) -> None:
    music = kie.add_music()
    music.state, music.error_code, music.error_message = "failed", 501, "no inspiration"
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=music.id)
        assert "no inspiration" in text_of(await stage.reply())


async def test_an_id_that_nobody_knows_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id="b51a0f1f7d7c0b0e2a0c9f3b8c1d2e3f")
        message = await stage.reply()
    assert "no finished separation with that id, and no music task either" in text_of(message)
    assert kie.count("generate_midi") == 0


async def test_a_separation_that_is_under_way_is_waited_for(tmp_path: Path, kie: KieServer) -> None:
    separation = kie.add_separation()
    separation.state = "pending"
    async with pianola_at(kie, tmp_path, poll_seconds="0.1") as stage:
        await stage.midi(task_id=separation.id)
        await stage.reached("separating")
        separation.state = "done"
        assert (await stage.reply()).attachments
    assert kie.count("separate") == 0
