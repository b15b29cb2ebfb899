"""What the page greets with: a song that is made into MIDI with one press."""

from pathlib import Path

import discord
import pytest

from bot.playground import example
from bot.sound.errors import NoPreviewError
from tests.stage import midi_of, pianola, pitches_of, text_of, wav


async def test_one_press_turns_the_example_into_midi(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await example.greet(stage.world)
        greeting = stage.world.channel.last_message
        assert greeting is not None
        assert "I'm Pianola" in greeting.content
        assert "Apps >" not in greeting.content, "the page has no menus"
        assert [file.filename for file in greeting.attachments] == ["Example song.ogg"]
        await stage.world.person.click(greeting, label="Make MIDI")
        answer = await stage.reply()
        midi = await midi_of(answer)
        assert (await stage.ended()).title == "Example song"
    played = {note.pitch for track in example.song().tracks for note in track}
    assert len(played & set(pitches_of(midi))) >= len(played) - 2


async def test_what_was_made_before_a_restart_is_offered_again(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("Old tune.wav", wav()))
        await stage.reply()
    async with pianola(tmp_path) as stage:
        await example.greet(stage.world)
        offer = await stage.shown("Old tune")
        assert "1 song" in text_of(offer)
        (job,) = (await stage.world.bot.kept_songs.page(stage.world.person.id, 0)).songs
        await stage.world.person.select(offer, [job.id], custom_id=_menu(offer, "Open"))
        again = await stage.shown("9 notes")
        assert any(file.filename == "Old-tune.mid" for file in again.attachments)


def _menu(message: discord.Message, prompt: str) -> str:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    menus = [menu for row in rows for menu in row.children if isinstance(menu, discord.SelectMenu)]
    return next(menu.custom_id for menu in menus if (menu.placeholder or "").startswith(prompt))


async def test_where_nothing_can_be_played_it_greets_without_a_song(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_given: object, **_named: object) -> None:
        raise NoPreviewError(reason="no sound font")

    monkeypatch.setattr(example, "preview", none)
    async with pianola(tmp_path) as stage:
        await example.greet(stage.world)
        greeting = stage.world.channel.last_message
        assert greeting is not None
        assert "I'm Pianola" in greeting.content
        assert not greeting.attachments
        assert not greeting.components
        assert "No song at hand?" not in greeting.content
