"""A song whose file says what it is called, who plays it, and has a cover."""

import io
from pathlib import Path

import discord
import pytest
from PIL import Image

from tests.audio.tagged import mp3, picture
from tests.stage import Stage, midi_of, pianola, text_of


def _files(answer: discord.Message) -> list[str]:
    return [file.filename for file in answer.attachments]


async def _answer(stage: Stage, name: str, data: bytes) -> discord.Message:
    await stage.midi(song=(name, data))
    return await stage.reply()


async def test_title_artist_and_cover_are_in_the_answer_and_stay_with_the_song(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        answer = await _answer(stage, "track_07_final.mp3", mp3("Night Drive", "The Examples", picture()))
        assert answer.embeds[0].title == "The Examples - Night Drive"
        assert _files(answer) == ["The-Examples-Night-Drive.mid", "roll.png", "cover.jpg"]
        assert answer.embeds[0].thumbnail.url == "attachment://cover.jpg"
        assert answer.attachments[2].description == "The cover of the song"
        with Image.open(io.BytesIO(await answer.attachments[2].read())) as shown:
            assert (shown.format, shown.size) == ("JPEG", (160, 160))
        assert (await midi_of(answer)).tracks[0].name == "The Examples - Night Drive"
        again = await stage.world.person.slash(stage.world.channel, "midis", song=(await stage.ended()).id)
        assert again.response is not None
        assert "cover.jpg" in _files(again.response.message)


@pytest.mark.parametrize(
    ("title", "artist", "shown"),
    [
        ("", "Somebody", "demo take"),
        ("Track 01", "Somebody", "demo take"),
        ("Night\u202e Drive\n", "Unknown Artist", "Night Drive"),
        ("**bold** and `code`", "", r"\*\*bold\*\* and \`code\`"),
    ],
)
async def test_titles_are_shown_as_those_of_files_are(
    title: str, artist: str, shown: str, tmp_path: Path
) -> None:
    async with pianola(tmp_path) as stage:
        answer = await _answer(stage, "demo take.mp3", mp3(title, artist))
    assert answer.embeds[0].title == shown
    assert answer.embeds[0].thumbnail.url is None


async def test_of_what_is_hidden_tags_tell_nothing(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        answer = await _answer(stage, "SPOILER_guess.mp3", mp3("Night Drive", "The Examples", picture()))
        assert "Night Drive" not in text_of(answer)
        assert _files(answer) == ["SPOILER_guess.mid", "SPOILER_roll.png"]
        assert answer.embeds[0].thumbnail.url is None


async def test_a_cover_that_is_no_picture_costs_nothing(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        answer = await _answer(stage, "song.mp3", mp3("Night Drive", "", b"no picture at all"))
        assert answer.embeds[0].title == "Night Drive"
        assert _files(answer) == ["Night-Drive.mid", "roll.png"]


async def test_stems_keep_the_name_that_their_files_share(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(
            ("Sea - bass.mp3", mp3("Night Drive", "", picture())), ("Sea - lead.mp3", mp3("Other"))
        )
        answer = await stage.reply()
    assert answer.embeds[0].title == "Sea"
    assert _files(answer) == ["Sea.mid", "roll.png"]
