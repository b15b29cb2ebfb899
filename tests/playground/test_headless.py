"""`try` without the terminal: what is asked, waited for, shown and written."""

import io
import json
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.playground import headless
from bot.playground.headless import NothingDeliveredError
from tests.kie_server import Fault, KieServer, Track
from tests.stage import Stage, pianola_at, wav


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "Night Drive.wav"
    path.write_bytes(wav((60,), 0.2))
    return path


def unheard(_text: str) -> None:
    """Nobody looks at the progress."""


async def answered(stage: Stage, *songs: Path, task_id: str | None = None, stem: str | None = None) -> str:
    asked = await headless.ask(stage.world, songs, task_id, stem)
    message = await headless.answer(stage.world, stage.running.store, asked, unheard)
    return headless.as_read(message)


async def test_an_answer_is_waited_for_read_and_saved(tmp_path: Path, kie: KieServer) -> None:
    said: list[str] = []
    async with pianola_at(kie, tmp_path / "data") as stage:
        asked = await headless.ask(stage.world, [], kie.add_separation().id, "vocals")
        message = await headless.answer(stage.world, stage.running.store, asked, said.append)
        await headless.save(message, tmp_path / "deep" / "out")
    assert said
    assert all(line.endswith(" …") for line in said)
    read = headless.as_read(message)
    assert "2 instruments" in read
    assert "📎 song.mid (" in read
    assert not any(mark in read for mark in ("**", "```", "\\"))
    reply = json.loads((tmp_path / "deep" / "out" / "reply.json").read_text(encoding="utf-8"))
    for listed, given in zip(reply["attachments"], message.attachments, strict=True):
        assert listed == {"name": given.filename, "size": given.size, "description": given.description}
        assert (tmp_path / "deep" / "out" / listed["name"]).stat().st_size == given.size
    assert reply["embeds"] == [embed.to_dict() for embed in message.embeds]
    assert reply["content"] == message.content
    assert reply["components"] == [component.to_dict() for component in message.components]


async def test_a_song_is_given_as_an_upload(tmp_path: Path, kie: KieServer, song: Path) -> None:
    async with pianola_at(kie, tmp_path / "data") as stage:
        assert "📎 Night-Drive.mid" in await answered(stage, song)
    assert wav((60,), 0.2) in kie.uploads.values()


async def test_a_refusal_at_once_is_told(tmp_path: Path, kie: KieServer) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    async with pianola_at(kie, tmp_path / "data") as stage:
        with pytest.raises(NothingDeliveredError, match=r"^The file `empty\.wav` is empty\."):
            await answered(stage, empty)


async def test_a_failure_later_is_told(tmp_path: Path, kie: KieServer, song: Path) -> None:
    kie.break_next("upload", Fault("code", code=402, message="Insufficient credits"), times=10)
    async with pianola_at(kie, tmp_path / "data") as stage:
        with pytest.raises(NothingDeliveredError, match=r"run out of credits"):
            await answered(stage, song)


async def test_an_answer_without_a_midi_file_is_none(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pianola_at(kie, tmp_path / "data") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        message = await stage.reply()
        monkeypatch.setattr(message, "attachments", [])
        monkeypatch.setattr(type(stage.world.channel), "last_message", message)
        with pytest.raises(NothingDeliveredError, match=r"without its MIDI file"):
            headless._message_of(stage.world, job)


async def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path / "data") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        message = await stage.reply()
        (tmp_path / "file").touch()
        with pytest.raises(SettingsError, match=r"file cannot be written .*give another --out"):
            await headless.save(message, tmp_path / "file")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_progress_stays_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    say = headless.progress_line()
    for text in ("one", "one", "two", ""):
        say(text)
    assert terminal.getvalue() == "\r\033[Kone\r\033[Ktwo\r\033[K"


def test_elsewhere_each_stage_is_a_line_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    say = headless.progress_line()
    for text in ("one", "one", "two"):
        say(text)
    assert capsys.readouterr().err == "one\ntwo\n"


async def test_a_price_is_agreed_to_or_told(tmp_path: Path, kie: KieServer, song: Path) -> None:
    async with pianola_at(kie, tmp_path / "data", confirm_price="true") as stage:
        asked = await headless.ask(stage.world, [song], None, None)
        with pytest.raises(NothingDeliveredError, match="about 10 credits") as caught:
            await headless.answer(stage.world, stage.running.store, asked, unheard)
        assert str(caught.value).endswith("With --yes it goes on.")
        assert "<t:" not in str(caught.value)
        assert kie.charges == []
        agreed = headless.Agreed(to_price=True)
        message = await headless.answer(stage.world, stage.running.store, asked, unheard, agreed)
    assert message.attachments


async def test_a_track_is_given_or_the_tracks_are_told(tmp_path: Path, kie: KieServer) -> None:
    music = kie.add_music(Track("Night Drive", 198.44), Track("Day Walk", 61))
    async with pianola_at(kie, tmp_path) as stage:
        asked = await headless.ask(stage.world, [], music.id, None)
        for wrong in (None, 0, 3):
            agreed = headless.Agreed(on_track=wrong)
            with pytest.raises(NothingDeliveredError, match="--track") as caught:
                await headless.answer(stage.world, stage.running.store, asked, unheard, agreed)
            assert "2 · Day Walk (1:01)" in str(caught.value)
        agreed = headless.Agreed(on_track=2)
        message = await headless.answer(stage.world, stage.running.store, asked, unheard, agreed)
    assert message.embeds[0].title == "Day Walk"
