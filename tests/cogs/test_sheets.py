"""Sheet music of a finished song: its first page, of whom it is, and its files."""

import io
from pathlib import Path

import discord
import pytest
from PIL import Image

from bot.chat.shown import result_controls
from bot.chat.shown.custom_ids import JOB_MENU, CustomId
from bot.score.errors import SheetError
from tests.cogs.results import file_of, finished
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

    monkeypatch.setattr("bot.chat.shown.library.engraved", fails)
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
    monkeypatch.setattr(result_controls, "is_possible", lambda: False)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
    assert "Sheet" not in controls_of(answer)[0]
