"""The bars of a song in its answer, and set right by its asker."""

import io
from pathlib import Path
from typing import Any

import mido
import pytest

from bot.jobs.model import Job
from tests.cogs.results import file_of, finished, more, refusal_of, stranger_at
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at, text_of

USUAL = {"meter": ["3/4"], "times": ["1"], "first": "0.5", "bpm": "90"}


async def _midi(stage: Stage) -> mido.MidiFile:
    """The file in the answer as it stands."""
    message = await stage.reply()
    file = next(one for one in message.attachments if one.filename.endswith(".mid"))
    return mido.MidiFile(file=io.BytesIO(await file.read()))


def _said(file: mido.MidiFile) -> tuple[list[tuple[int, int]], list[float]]:
    conductor = file.tracks[0]
    meters = [(m.numerator, m.denominator) for m in conductor if m.type == "time_signature"]
    return meters, [round(mido.tempo2bpm(m.tempo), 2) for m in conductor if m.type == "set_tempo"]


def _seconds(file: mido.MidiFile) -> list[float]:
    now, found = 0.0, []
    for message in file:
        now += message.time
        if message.type == "note_on" and message.velocity:
            found.append(now)
    return found


async def test_where_no_beat_is_sure_the_file_stays_at_120_and_the_answer_says_so(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        assert "I heard no steady beat, so the file is at 120 BPM" in text_of(answer)
        assert ". ·" not in text_of(answer)
        assert _said(await _midi(stage)) == ([(4, 4)], [120.0])


async def test_the_asker_sets_bars_right_and_every_copy_has_them(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        before = _seconds(await _midi(stage))
        asked = await more(stage.world.person, answer, "bars")
        await stage.world.person.submit_modal(asked, USUAL)
        meters, tempos = _said(await _midi(stage))
        assert meters[-1] == (3, 4)
        assert tempos[-1] == 90.0
        assert _seconds(await _midi(stage)) == pytest.approx(before, abs=0.0005)
        assert "90 BPM, 3/4 (as you say)" in text_of(await stage.reply())
        kept = await stage.desk.job(job.id)
        assert isinstance(kept, Job)
        assert kept.bars is not None
        quantised = await stage.world.person.click(await stage.reply(), label="Quantised…")
        chosen: dict[str, Any] = {"grid": ["1/8"], "strength": ["100"], "bpm": ""}
        _, copy = await file_of(await stage.world.person.submit_modal(quantised, chosen))
    assert _said(mido.MidiFile(file=io.BytesIO(copy)))[0][-1] == (3, 4)


async def test_bars_of_six_eighths_are_chosen_and_told_in_dotted_quarters(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stage.world.person, answer, "bars")
        await stage.world.person.submit_modal(asked, {**USUAL, "meter": ["6/8"], "bpm": "60"})
        assert "60 BPM (dotted quarters), 6/8 (as you say)" in text_of(await stage.reply())
        meters, tempos = _said(await _midi(stage))
    assert (meters[-1], tempos[-1]) == ((6, 8), 90.0)


async def test_somebody_else_cannot_set_them(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stranger_at(stage), answer, "bars")
    assert refusal_of(asked) == "Only the person who asked for this song can do that."


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"first": "soon"}, "isn't a time in this song"),
        ({"first": "16"}, "isn't a time in this song"),
        ({"first": "-1"}, "isn't a time in this song"),
        ({"bpm": "fast"}, "isn't a tempo I can use"),
    ],
)
async def test_what_makes_no_bars_is_told_and_changes_nothing(
    said: dict[str, str], told: str, tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stage.world.person, answer, "bars")
        assert told in refusal_of(await stage.world.person.submit_modal(asked, {**USUAL, **said}))
        assert _said(await _midi(stage)) == ([(4, 4)], [120.0])
