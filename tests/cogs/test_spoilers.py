"""Whoever hid a song finds all files hidden that are made of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from simcord import InteractionResult

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Choice, Menu
from bot.chat.shown.custom_ids import JOB, JOB_MENU, JOB_MODAL
from bot.chat.shown.result import chord_sheet, videos
from bot.chat.shown.result.more import STRENGTHS
from bot.chat.shown.views import view_of
from bot.jobs.model import Job
from cogs.controls import ROUTES
from tests.cogs.results import a_button, first_instrument, notes_of, posted
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at, wav

pytestmark = pytest.mark.slow

Press = Callable[[Stage, Job], Awaitable[InteractionResult]]


def _button(action: str) -> Press:
    async def press(stage: Stage, job: Job) -> InteractionResult:
        # Sheets count instruments from 1, what is heard from 0.
        message = await posted(stage, a_button(action, job.id, page=1))
        return await stage.world.person.click(message, label="x")

    return press


def _modal(action: str, given: dict[str, Any]) -> Press:
    async def press(stage: Stage, job: Job) -> InteractionResult:
        return await stage.world.person.submit_modal(await _button(action)(stage, job), given)

    return press


async def _instrument(stage: Stage, _: Job) -> InteractionResult:
    return await first_instrument(stage)


async def _sheet_of(stage: Stage, job: Job) -> InteractionResult:
    menu = Menu("sheet", job.id, "…", (Choice("x", "x", "1"),))
    return await stage.world.person.select(await posted(stage, view_of(Card(controls=(menu,)))), ["1"])


POSTING: dict[tuple[str, str], Press] = {
    **{
        (JOB, action): _button(action)
        for action in (
            "zip", "csv", "chords", "stems", "solo", "without", "beside", "sheet", "pdf", "musicxml", "guitarpro",
            "video", "videobegin", "videoall",
        )
    },
    (JOB_MENU, "instrument"): _instrument,
    (JOB_MENU, "sheet"): _sheet_of,
    (JOB_MODAL, "quantise"): _modal("quantise", {"grid": ["1/8"], "strength": ["100"], "bpm": ""}),
    (JOB_MODAL, "tempo"): _modal("tempo", {"bpm": "93"}),
    (JOB_MODAL, "said"): _modal("said", {"track": ["0"], "instrument": ["Flute"]}),
    (JOB_MODAL, "bars"): _modal("bars", {"meter": ["3/4"], "times": ["1"], "first": "0", "bpm": "90"}),
    (JOB_MODAL, "view"): _modal("view", {"semitones": ["2"], "from": "", "to": ""}),
}  # fmt: skip
"""What answers with a file."""

OTHERS = {
    (JOB, action)
    for action in (
        "cancel", "delete", "erase", "keep", "go", "gotwo", "again", "rerun", "allstems", "twostems", "here", "parts",
        "said", "quantise", "tempo", "bars", "view", *STRENGTHS,
    )
} | {(JOB_MENU, action) for action in ("track", "stem", "more")}  # fmt: skip
"""What asks, begins another song, or paints the answer as those above do."""


def test_every_control_of_a_song_is_one_that_posts_a_file_or_not() -> None:
    assert {*POSTING} | OTHERS == {route for route in ROUTES if route[0] in {JOB, JOB_MENU, JOB_MODAL}}


async def test_all_files_of_a_hidden_song_are_hidden(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def film(*_: Any, **__: Any) -> bytes:
        return b"an mp4"

    monkeypatch.setattr(videos, "film", film)
    monkeypatch.setattr(videos, "available", lambda _: True)
    # So that they come as a file, too.
    monkeypatch.setattr(chord_sheet, "_MOST_CHARACTERS", 80)
    kie.notes = notes_of("Acoustic Guitar", "Piano", beats=60)
    kie.notes["instruments"][0]["notes"] += [
        {**note, "pitch": note["pitch"] + third}
        for note in kie.notes["instruments"][0]["notes"]
        for third in (4, 7)
    ]
    kie.stem_audio = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 300
    async with pianola_at(kie, tmp_path, preview_seconds="5", video_seconds="30") as stage:
        await stage.midi(song=("SPOILER_guess.wav", wav()))
        answer = await stage.reply()
        job = await stage.ended()
        names = {"the answer": [file.filename for file in answer.attachments]}
        for (kind, action), press in POSTING.items():
            given = await press(stage, job)
            said = [message for message in (given.response, *given.followups) if message]
            names[f"{kind}:{action}"] = [file.filename for message in said for file in message.attachments]
    assert [place for place, found in names.items() if not found] == []
    shown = {name for found in names.values() for name in found if not name.startswith("SPOILER_")}
    assert shown == set()
    assert not [name for found in names.values() for name in found if name.count("SPOILER_") > 1]
