"""Sheet music of a finished song: its first page, of whom it is, and its files."""

import io
from pathlib import Path

import discord
import guitarpro
import pytest
from PIL import Image

from bot.chat.shown.custom_ids import JOB_MENU, CustomId
from bot.chat.shown.result import actions, sheets
from bot.language import language_of
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.score.errors import SheetError
from tests.chat.conftest import a_job
from tests.cogs import results
from tests.cogs.results import file_of, finished, posted
from tests.kie_server import KieServer
from tests.score.reading import notes_of, parts_of
from tests.stage import pianola_at, told

pytestmark = pytest.mark.slow


def controls_of(message: discord.Message) -> list[list[str | None]]:
    return [
        [one.placeholder if isinstance(one, discord.SelectMenu) else one.label for one in row.children]
        for row in message.components
        if isinstance(row, discord.ActionRow)
    ]


async def test_the_first_page_of_all_instruments_is_a_picture(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        pressed = await stage.world.person.click(answer, label="Sheet")
        name, data = await file_of(pressed)
    assert name == "sheet.png"
    with Image.open(io.BytesIO(data)) as page:
        assert page.width == 1200
    assert told(pressed).startswith("Sheet music of all instruments. I'm not sure of its beat.")
    assert pressed.response is not None
    assert pressed.response.ephemeral
    assert pressed.response.message is not None
    assert controls_of(pressed.response.message) == [["PDF", "MusicXML"], ["Another instrument…"]]


async def test_one_instrument_is_chosen_and_taken_along(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        person = stage.world.person
        page = await person.click(answer, label="Sheet")
        assert page.response is not None
        assert page.response.message is not None
        every = await file_of(await person.click(page.response.message, label="MusicXML"))
        menu = str(CustomId(JOB_MENU, "sheet", job_id=job.id))
        chosen = await person.select(page.response.message, ["1"], custom_id=menu)
        assert told(chosen).startswith("Sheet music of Acoustic Grand Piano.")
        assert chosen.response is not None
        assert chosen.response.message is not None
        one = await file_of(await person.click(chosen.response.message, label="MusicXML"))
        pdf = await file_of(await person.click(chosen.response.message, label="PDF"))
    assert one[0] == "song-acoustic-grand-piano.musicxml"
    assert len(parts_of(one[1].decode())) == 1
    assert len(notes_of(one[1].decode())) == 2
    assert pdf[0] == "song-acoustic-grand-piano.pdf"
    assert pdf[1].startswith(b"%PDF")
    assert every[0] == "song.musicxml"


async def test_a_page_that_cannot_be_drawn_is_told(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> bytes:
        raise SheetError("it broke")

    monkeypatch.setattr("bot.chat.shown.result.library.engraved", fails)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        pressed = await stage.world.person.click(answer, label="Sheet")
        assert told(pressed).endswith(
            "I couldn't draw the sheet. Its MusicXML opens in any notation program."
        )
        assert pressed.response is not None
        assert pressed.response.message is not None
        name, _ = await file_of(await stage.world.person.click(pressed.response.message, label="MusicXML"))
    assert name == "song.musicxml"


async def test_where_nothing_engraves_there_is_no_button(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "is_possible", lambda: False)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
    assert "Sheet" not in controls_of(answer)[0]


async def test_a_bass_is_taken_along_for_guitar_pro_and_a_flute_is_not(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.notes = results.notes_of("Electric Bass (finger)", "Flute", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        person, menu = stage.world.person, str(CustomId(JOB_MENU, "sheet", job_id=job.id))
        page = await person.click(answer, label="Sheet")
        assert page.response is not None
        assert page.response.message is not None
        assert "Guitar Pro" not in controls_of(page.response.message)[0]
        shown, files = {}, []
        for place in ("1", "2"):
            chosen = await person.select(page.response.message, [place], custom_id=menu)
            assert chosen.response is not None
            assert chosen.response.message is not None
            who = "Flute" if "Flute" in told(chosen) else "Bass"
            shown[who] = controls_of(chosen.response.message)[0]
            if who == "Bass":
                taken = await person.click(chosen.response.message, label="Guitar Pro")
                files.append(await file_of(taken))
    assert shown == {"Bass": ["PDF", "MusicXML", "Guitar Pro"], "Flute": ["PDF", "MusicXML"]}
    ((name, data),) = files
    assert name == "song-electric-bass-finger.gp5"
    (track,) = guitarpro.parse(io.BytesIO(data)).tracks
    assert sum(len(beat.notes) for measure in track.measures for beat in measure.voices[0].beats) >= 12


async def test_a_song_of_one_bass_is_taken_along_at_once(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = results.notes_of("Electric Bass (finger)", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        page = await stage.world.person.click(answer, label="Sheet")
    assert page.response is not None
    assert page.response.message is not None
    assert controls_of(page.response.message) == [["PDF", "MusicXML", "Guitar Pro"]]


async def test_a_button_of_what_was_a_guitar_tells_that_it_is_old(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, _ = await finished(stage, kie)
        button = results.a_button("guitarpro:1", job.id)
        pressed = await stage.world.person.click(await posted(stage, button), label="x")
    assert "from an older version of me" in told(pressed)


def sheet_of(*pitches: int, program: int = 25) -> sheets.Sheet:
    notes = [Note(pitch, place * 0.5, place * 0.5 + 0.5, 80) for place, pitch in enumerate(pitches)]
    bars = Bars(480, ((0, 500_000),), origin=Origin.HEARD)
    song = Song((Track.of(notes, name="Guitar", program=program),), bars=bars)
    return sheets.sheet(a_job(), song, language_of("en"), number=1)


def test_what_cannot_be_played_is_told_beside_the_file() -> None:
    assert sheet_of(52, 55, 59).for_guitar_pro(b"x").description == "Sheet music of Guitar."
    one, two = sheet_of(30, 55, 59).for_guitar_pro(b"x"), sheet_of(30, 31, 59).for_guitar_pro(b"x")
    assert one.description.endswith("1 note can't be played on its strings and is left out.")
    assert two.description.endswith("2 notes can't be played on its strings and are left out.")


def test_where_nothing_writes_for_guitar_pro_there_is_no_button(monkeypatch: pytest.MonkeyPatch) -> None:
    def actions() -> list[str]:
        return [control.action for control in sheet_of(52, 55).card.controls]

    assert "guitarpro" in actions()
    monkeypatch.setattr(sheets, "has_guitar_pro", lambda: False)
    assert "guitarpro" not in actions()


async def test_the_files_of_a_part_are_called_after_it(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, **{"from": "0:00.1"})
        await stage.ended()
        page = await stage.world.person.click(await stage.reply(), label="Sheet")
        assert page.response is not None
        assert page.response.message is not None
        name, _ = await file_of(await stage.world.person.click(page.response.message, label="MusicXML"))
    assert name == "song-from-0-00-1.musicxml"
