"""`/stems`: a modal with files, from the command to one song of several instruments."""

from pathlib import Path
from typing import Any

import discord
import pytest

from tests.kie_server import KieServer
from tests.music.score import END, smf
from tests.stage import Stage, midi_of, pianola, pianola_at, text_of, told, wav

FILES = [("Sea - bass.wav", wav((36, 38, 40))), ("Sea - lead.wav", wav((72, 74)))]


async def submit(
    stage: Stage, files: list[tuple[str, bytes]], title: str = "", instruments: str = "", **options: Any
) -> Any:
    asked = await stage.world.person.slash(stage.world.channel, "stems", **options)
    given = {"stems": files, "title": title, "instruments": instruments}
    return await stage.world.person.submit_modal(asked, given)


async def test_the_modal_asks_for_two_to_ten_files_and_a_title(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        modal = (await stage.world.person.slash(stage.world.channel, "stems")).modal
    assert modal is not None
    assert modal["title"] == "The stems of one song"
    files, title, instruments = (label["component"] for label in modal["components"])
    assert (files["min_values"], files["max_values"], files["required"]) == (2, 10, True)
    assert (title["required"], title["max_length"]) == (False, 100)
    assert not instruments["required"]
    for label in modal["components"]:
        assert len(label["label"]) <= 45
        assert len(label["description"]) <= 100


async def test_each_file_becomes_an_instrument_named_like_it(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await submit(stage, FILES)
        message = await stage.reply()
    file = await midi_of(message)
    assert [track.name for track in file.tracks] == ["Sea", "bass", "lead"]
    assert message.attachments[0].filename == "Sea.mid"


async def test_a_title_names_the_song(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await submit(stage, FILES, title=" Night Drive ")
        message = await stage.reply()
    assert message.embeds[0].title == "Night Drive"
    assert kie.count("upload") == 2


async def test_what_the_files_are_can_be_said(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await submit(stage, FILES, instruments=" , Geige")
        assert [track.name for track in (await midi_of(await stage.reply())).tracks] == [
            "Sea",
            "bass",
            "Violin",
        ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("bass, kazoo", "I know no instrument called `kazoo`."),
        ("bass, violin, flute", "You named 3 instruments for 2 files."),
    ],
)
async def test_what_cannot_be_meant_is_told_at_once(
    tmp_path: Path, kie: KieServer, typed: str, sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert sentence in told(await submit(stage, FILES, instruments=typed))
    assert kie.requests == []


async def test_a_modal_of_an_earlier_process_is_served(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        asked = await stage.world.person.slash(stage.world.channel, "stems")
        bot = stage.world.env.bot
        assert isinstance(bot, discord.Client)
        assert not bot._connection._view_store._modals, "nothing of it is in memory"
        await bot.reload_extension("cogs.stems")  # type: ignore[attr-defined]  # it is a commands.Bot
        await stage.world.person.submit_modal(asked, {"stems": FILES, "title": ""})
        assert (await stage.reply()).attachments


async def test_the_answer_can_be_private(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        submitted = await submit(stage, FILES, private=True)
        job = await stage.ended()
    assert job.reply.is_private
    assert submitted.response.ephemeral


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (("empty.wav", b""), "`empty.wav` is empty"),
        (("stems.zip", b"PK\3\4"), "`stems.zip` is an archive"),
        (("song.mid", smf(END)), "I take one MIDI file at a time"),
    ],
)
async def test_a_file_that_cannot_be_used_is_told_at_once(
    tmp_path: Path, kie: KieServer, bad: tuple[str, bytes], sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert sentence in told(await submit(stage, [FILES[0], bad]))
    assert kie.requests == []


async def test_a_file_that_is_no_audio_inside_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await submit(stage, [FILES[0], ("words.wav", b"only words " * 100)])
        message = await stage.reply()
    assert "`words.wav` is not an audio file" in text_of(message)
