"""A song in which no notes were found: said honestly, with what else can be tried, and paid once."""

from pathlib import Path

import discord

from bot.kie.separation import Separation
from tests.cogs.results import labels, menu_of, refusal_of
from tests.cogs.test_separation import bodies
from tests.cogs.test_server_rules import decide
from tests.kie_server import Fault, KieServer
from tests.kie_server.state import SONG
from tests.stage import Stage, midi_of, pianola, pianola_at, silence, text_of, wav

NOTHING = {"state": "complete", "instruments": []}


async def empty(stage: Stage, kie: KieServer, **given: object) -> discord.Message:
    """The answer of a song without notes; the next ones have some."""
    kie.notes = NOTHING
    await stage.midi(**(given or {"song": ("Night Drive.wav", wav())}))
    message = await stage.reply()
    kie.notes = SONG
    return message


async def test_it_is_said_where_notes_were_looked_for(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie)
    assert "I heard no notes in this." in text_of(message)
    assert "I looked for notes in: Vocals, Instrumental." in text_of(message)
    assert [option.label for option in menu_of(message).options] == ["Vocals", "Instrumental"]
    assert labels(message) == ["Try another stem…", "All stems: about 50 credits"]


async def test_another_stem_costs_nothing(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        kie.notes = NOTHING
        await stage.midi(song=("Night Drive.wav", wav()))
        await stage.world.person.click(await stage.shown("Shall I go on?"), label="Go on")
        message = await stage.reply()
        kie.notes = SONG
        first = await stage.ended()
        await stage.world.person.select(message, ["1"])
        answer = await stage.reply()
    assert (await midi_of(answer)).tracks[0].name == "Night Drive"
    assert kie.count("separate") == kie.count("upload") == 1
    assert bodies(kie, "generate_midi")[1]["audioId"] == first.parts[0].stems[1].id
    assert "credits" not in text_of(answer)


async def test_of_one_stem_the_others_and_all_are_offered(tmp_path: Path, kie: KieServer) -> None:
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie, task_id=separation.id, stem="vocals")
        assert "I looked for notes in: Vocals." in text_of(message)
        offered = [option.label for option in menu_of(message).options]
        assert offered == ["Instrumental", "All of them together"]
        # Its audio is not ours: there is nothing to separate anew.
        assert labels(message) == ["Try another stem…"]
        await stage.world.person.select(message, ["1"])
        assert (await stage.reply()).attachments
    assert "audioId" not in bodies(kie, "generate_midi")[1]


async def test_another_type_is_tried_at_its_price(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, separation_credits="8,40,16.5") as stage:
        message = await empty(stage, kie)
        await stage.world.person.click(message, label="All stems: about 40 credits")
        answer = await stage.reply()
    assert "about 40 credits (list price)" in text_of(answer)
    assert [sent["type"] for sent in bodies(kie, "separate")] == ["separate_vocal", "split_stem"]
    assert kie.count("upload") == 1


async def test_one_instrument_without_notes_offers_both_types(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(
            stage,
            kie,
            song=("song.wav", wav()),
            separation=Separation.ONE_INSTRUMENT.value,
            stem="Piano",
        )
    assert labels(message)[1:] == ["All stems: about 50 credits", "Two stems: about 10 credits"]


async def test_after_another_stem_too_the_other_type_is_offered(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie, song=("song.wav", wav()), separation=Separation.ALL_STEMS.value)
        assert labels(message)[1:] == ["Two stems: about 10 credits"]
        kie.notes = NOTHING
        await stage.world.person.select(message, ["0"])
        again = await stage.reply()
    assert again.id != message.id
    assert labels(again)[1:] == ["Two stems: about 10 credits"]


async def test_the_same_button_pressed_twice_is_paid_once(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie)
        for _ in range(2):
            await stage.world.person.click(message, label="All stems: about 50 credits")
            assert (await stage.reply()).attachments
    assert [charge for charge in kie.charges if charge[1]] == [("separation", 10.0), ("separation", 50.0)]


async def test_while_one_press_is_about_to_pay_another_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        person = stage.world.person
        kie.notes = NOTHING
        await stage.midi(song=("Night Drive.wav", wav()))
        await person.click(await stage.shown("Shall I go on?"), label="Go on")
        message = await stage.reply()
        kie.notes = SONG
        await person.click(message, label="All stems: about 50 credits")
        asked = await stage.shown("Shall I go on?")
        second = await person.click(message, label="All stems: about 50 credits")
        await person.click(asked, label="Go on")
        assert (await stage.reply()).attachments
    told = (
        "This song is already being separated this way. Wait until that's done, so nothing is paid for twice."
    )
    assert refusal_of(second) == told
    assert kie.count("separate") == 2


async def test_back_to_the_first_type_is_paid_already(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        first = await empty(stage, kie)
        kie.notes = NOTHING
        await stage.world.person.click(first, label="All stems: about 50 credits")
        second = await stage.reply()
        kie.notes = SONG
        await stage.world.person.click(second, label="Two stems: about 10 credits")
        assert (await stage.reply()).attachments
    assert kie.count("separate") == 2


async def test_a_song_that_was_deleted_cannot_be_tried_again(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie)
        await stage.desk.delete(await stage.ended())
        pressed = await stage.world.person.click(message, label="All stems: about 50 credits")
        chosen = await stage.world.person.select(message, ["0"])
    gone = "I no longer have this song. Please send it again."
    assert refusal_of(pressed) == refusal_of(chosen) == gone


SEVERAL = (("Sea - bass.wav", wav()), ("Sea - lead.wav", wav()))


async def empty_of_several(stage: Stage, kie: KieServer) -> discord.Message:
    """The answer of a song of two files without notes; the next ones have some."""
    kie.notes = NOTHING
    await stage.make_midi(*SEVERAL)
    message = await stage.reply()
    kie.notes = SONG
    return message


async def test_of_several_files_each_stem_of_each_is_offered(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty_of_several(stage, kie)
        first = await stage.ended()
        assert "I looked for notes in: bass, lead." in text_of(message)
        offered = [option.label for option in menu_of(message).options]
        assert offered == ["bass · Vocals", "bass · Instrumental", "lead · Vocals", "lead · Instrumental"]
        await stage.world.person.select(message, ["2"])
        answer = await stage.reply()
    assert (await midi_of(answer)).tracks[0].name == "Sea"
    assert bodies(kie, "generate_midi")[2]["audioId"] == first.parts[1].stems[0].id
    assert (kie.count("separate"), kie.count("upload"), kie.count("generate_midi")) == (2, 2, 3)


async def test_of_several_files_another_type_is_tried_at_the_price_of_all(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty_of_several(stage, kie)
        assert labels(message) == ["Try another stem…", "All stems: about 100 credits"]
        await stage.world.person.click(message, label="All stems: about 100 credits")
        answer = await stage.reply()
    assert answer.attachments
    assert "about 100 credits (list price)" in text_of(answer)
    assert [sent["type"] for sent in bodies(kie, "separate")] == ["separate_vocal"] * 2 + ["split_stem"] * 2
    assert kie.count("upload") == 2


async def test_of_many_stems_of_several_files_each_file_has_its_share(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await decide(stage, separation_type=Separation.ALL_STEMS)
        kie.notes = NOTHING
        await stage.make_midi(*((f"Sea - {name}.wav", wav((60,), 0.1)) for name in ("a", "b", "c")))
        message = await stage.reply()
    offered = [option.label.split(" · ")[0] for option in menu_of(message).options]
    assert offered == ["a"] * 8 + ["b"] * 8 + ["c"] * 8


async def test_the_built_in_studio_offers_no_separation(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("quiet.wav", silence(3)))
        message = await stage.reply()
    assert not message.components


async def test_a_separation_under_way_is_not_paid_again_after_a_timeout(tmp_path: Path) -> None:
    async with (
        KieServer(work_seconds=None) as kie,
        pianola_at(kie, tmp_path, job_timeout_seconds="1", poll_seconds="0.1") as stage,
    ):
        await stage.midi(song=("song.wav", wav()))
        message = await stage.reply()
        assert "No result came within 1 s" in text_of(message)
        (separation,) = kie.tasks
        await kie.finish(separation)
        kie.work_seconds = 0.0
        await stage.world.person.click(message, label="Try again")
        assert (await stage.reply()).attachments
    assert kie.count("separate") == 1


async def test_a_separation_that_failed_is_made_anew_when_asked(tmp_path: Path) -> None:
    async with (
        KieServer(work_seconds=None) as kie,
        pianola_at(kie, tmp_path, poll_seconds="0.1") as stage,
    ):
        await stage.midi(song=("song.wav", wav()))
        await stage.reached("separating")
        while not kie.tasks:
            await stage.reached("separating")
        (separation,) = kie.tasks
        await kie.fail(separation, 501, "Audio generation failed")
        message = await stage.reply()
        assert "The studio tried and failed" in text_of(message)
        kie.work_seconds = 0.0
        for _ in range(2):
            await stage.world.person.click(message, label="Try again")
            assert (await stage.reply()).attachments
    # Once for the failure, once for the first press; the second takes what the first one paid for.
    assert kie.count("separate") == 2


async def test_what_a_song_cost_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        paid = await stage.reply()
        await stage.midi(task_id=kie.add_separation().id)
        free = await stage.reply()
    assert text_of(paid).endswith("about 10 credits (list price)")
    assert "credits" not in text_of(free)


async def test_what_the_studio_says_that_it_cost_counts(tmp_path: Path, kie: KieServer) -> None:
    kie.tells_cost = True
    async with pianola_at(kie, tmp_path, separation_credits="8,40,16.5") as stage:
        await stage.midi(song=("song.wav", wav()))
        paid = await stage.reply()
    assert text_of(paid).endswith("cost 10 credits")


async def test_a_try_again_does_not_tell_an_earlier_cost(tmp_path: Path, kie: KieServer) -> None:
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        failed = await stage.reply()
        await stage.world.person.click(failed, label="Try again")
        answer = await stage.reply()
    assert answer.attachments
    assert "credits" not in text_of(answer)
