"""What the page greets with: a song that is made into MIDI with one press."""

from pathlib import Path

import pytest

from bot.playground import example
from bot.sound.errors import NoPreviewError
from tests.stage import midi_of, pianola, pitches_of


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
