"""What the buttons of a finished song ask in a modal: a grid, a strength, a tempo."""

from pathlib import Path

import pytest

from bot.chat.shown import modals
from bot.errors import TempoUnclearError
from tests.cogs.results import (
    a_button,
    as_midi,
    bpm_of,
    file_of,
    finished,
    more,
    notes_of,
    posted,
    prefilled,
    refusal_of,
    starts_of,
)
from tests.kie_server import KieServer
from tests.stage import pianola_at

GONE = "I no longer have this song. Please send it again."
TICKS = 480


def swaying(beat: int) -> float:
    """Seconds behind the beat: every third note is late."""
    return 0.046875 if beat % 3 == 2 else 0.0


@pytest.fixture
def swinging(kie: KieServer) -> KieServer:
    kie.notes = notes_of("Piano", late=swaying)
    return kie


async def test_a_quantised_copy_lies_on_the_grid(tmp_path: Path, swinging: KieServer) -> None:
    async with pianola_at(swinging, tmp_path) as stage:
        _, answer = await finished(stage, swinging)
        asked = await stage.world.person.click(answer, label="Quantised…")
        chosen = {"grid": ["1/4"], "strength": ["100"], "bpm": "96"}
        name, data = await file_of(await stage.world.person.submit_modal(asked, chosen))
    assert name == "song-1-4-96-bpm.mid"
    assert bpm_of(as_midi(data)) == pytest.approx(96)
    assert [start % TICKS for start in starts_of(as_midi(data))] == [0] * 24


async def test_a_weaker_strength_goes_part_of_the_way(tmp_path: Path, swinging: KieServer) -> None:
    async with pianola_at(swinging, tmp_path) as stage:
        _, answer = await finished(stage, swinging)
        files = {}
        for strength in ("25", "50", "75", "100"):
            asked = await stage.world.person.click(answer, label="Quantised…")
            chosen = {"grid": ["1/4"], "strength": [strength], "bpm": "96"}
            name, data = await file_of(await stage.world.person.submit_modal(asked, chosen))
            files[name] = data
    assert list(files) == [
        "song-1-4-25-percent-96-bpm.mid",
        "song-1-4-50-percent-96-bpm.mid",
        "song-1-4-75-percent-96-bpm.mid",
        "song-1-4-96-bpm.mid",
    ]
    gaps = []
    for data in files.values():
        starts = starts_of(as_midi(data))
        gaps.append(starts[2] - starts[1] - TICKS)
    assert gaps == [27, 18, 9, 0]


async def test_the_tempo_is_filled_in_as_heard(tmp_path: Path, swinging: KieServer) -> None:
    async with pianola_at(swinging, tmp_path) as stage:
        _, answer = await finished(stage, swinging)
        for asked in (
            await stage.world.person.click(answer, label="Quantised…"),
            await more(stage.world.person, answer, "tempo"),
        ):
            assert float(prefilled(asked.modal) or 0) == pytest.approx(96, rel=0.02)


async def test_without_a_tempo_the_heard_one_is_taken(tmp_path: Path, swinging: KieServer) -> None:
    async with pianola_at(swinging, tmp_path) as stage:
        _, answer = await finished(stage, swinging)
        asked = await stage.world.person.click(answer, label="Quantised…")
        chosen = {"grid": ["1/16"], "strength": ["100"], "bpm": ""}
        _, data = await file_of(await stage.world.person.submit_modal(asked, chosen))
    assert bpm_of(as_midi(data)) == pytest.approx(96, rel=0.02)


async def test_a_song_that_tells_no_tempo_has_120(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await stage.world.person.click(answer, label="Quantised…")
        assert prefilled(asked.modal) is None
        chosen = {"grid": ["1/8"], "strength": ["100"], "bpm": " "}
        _, data = await file_of(await stage.world.person.submit_modal(asked, chosen))
    assert bpm_of(as_midi(data)) == pytest.approx(120)


async def test_another_tempo_moves_the_bars_and_not_the_seconds(tmp_path: Path, swinging: KieServer) -> None:
    async with pianola_at(swinging, tmp_path) as stage:
        _, answer = await finished(stage, swinging)
        asked = await more(stage.world.person, answer, "tempo")
        name, data = await file_of(await stage.world.person.submit_modal(asked, {"bpm": "93,5 bpm"}))
    file = as_midi(data)
    assert name == "song-93.5-bpm.mid"
    assert bpm_of(file) == pytest.approx(93.5, abs=0.001)
    ticks_a_second = TICKS * 93.5 / 60
    assert starts_of(file)[2] / ticks_a_second == pytest.approx(2 * 0.625 + swaying(2), abs=0.002)


@pytest.mark.parametrize("typed", ["fast", "9.99", "1001", "nan", "inf", "-96", "`96`"])
async def test_a_tempo_that_is_none_is_a_sentence(tmp_path: Path, kie: KieServer, typed: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stage.world.person, answer, "tempo")
        refused = await stage.world.person.submit_modal(asked, {"bpm": typed})
    assert refusal_of(refused) == (
        f"`{typed.replace('`', chr(39))}` isn't a tempo I can use. "
        "Give beats per minute from 10 to 1000, such as 93 or 128.5."
    )


@pytest.mark.parametrize(
    ("typed", "bpm"), [("10", 10), ("1000", 1000), (" 93.5 ", 93.5), ("93,5", 93.5), ("128 BPM", 128)]
)
def test_a_tempo_is_read_as_people_write_it(typed: str, bpm: float) -> None:
    assert modals.read_bpm(typed) == bpm


@pytest.mark.parametrize("typed", ["", "bpm", "1.2.3", "1000.1"])
def test_what_is_no_tempo_is_refused(typed: str) -> None:
    with pytest.raises(TempoUnclearError):
        modals.read_bpm(typed)


async def test_a_modal_of_a_song_deleted_meanwhile_is_refusal_of(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stage.world.person, answer, "tempo")
        await stage.desk.forget(stage.world.person.id)
        assert refusal_of(await stage.world.person.submit_modal(asked, {"bpm": "96"})) == GONE


async def test_modals_work_after_a_restart(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as before:
        job, _ = await finished(before, kie)
    async with pianola_at(kie, tmp_path) as stage:
        message = await posted(stage, a_button("tempo", job.id, "Tempo…"))
        asked = await stage.world.person.click(message, label="Tempo…")
        # What discord.py keeps in memory of a modal: nothing, so that any process can take what is submitted.
        assert not stage.world.env.bot._connection._view_store._modals
        name, _ = await file_of(await stage.world.person.submit_modal(asked, {"bpm": "96"}))
    assert name == "song-96-bpm.mid"


async def test_a_busy_worker_does_not_hold_a_modal_up(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._songs._HINT_SECONDS", 0.0)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stage.world.person, answer, "tempo")
        assert prefilled(asked.modal) is None
        name, _ = await file_of(await stage.world.person.submit_modal(asked, {"bpm": "96"}))
    assert name == "song-96-bpm.mid"
