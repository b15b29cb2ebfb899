"""A song beside its recording: where that is still there, and of the part that is shown."""

from pathlib import Path

import numpy as np
import pytest

from tests.cogs.results import file_of, finished, menu_of, more, refusal_of
from tests.kie_server import KieServer
from tests.sound.listen import decoded, share_of_pitch
from tests.stage import Stage, pianola, pianola_at, wav


async def _offered(stage: Stage) -> bool:
    return "beside" in {option.value for option in menu_of(await stage.reply()).options}


async def _heard(stage: Stage, times: str = "From 0:00 to 0:05.") -> np.ndarray:
    given = await more(stage.world.person, await stage.reply(), "beside")
    name, ogg = await file_of(given)
    part = "" if times.startswith("From 0:00") else "-from-0-02-to-0-04"
    assert name == f"Night{part}-beside-the-original.ogg"
    answer = given.response or given.followups[0]
    assert answer.content.startswith(f"Left: the recording. Right: what I heard in it. {times}")
    return decoded(ogg)


async def _choose(stage: Stage, **given: str) -> None:
    asked = await more(stage.world.person, await stage.reply(), "view")
    semitones = [given.pop("semitones", "0")]
    await stage.world.person.submit_modal(asked, {"semitones": semitones, "from": "", "to": "", **given})


async def test_the_recording_is_left_and_the_notes_are_right(tmp_path: Path) -> None:
    async with pianola(tmp_path, preview_seconds="5") as stage:
        # Two seconds of each.
        await stage.midi(song=("Night.wav", wav((60, 72), seconds_each=2.0)))
        samples = await _heard(stage)
        for side in (samples[:1], samples[1:2]):
            assert share_of_pitch(side, 60, 0.3, 1.5) > 0.3
            assert share_of_pitch(side, 72, 2.3, 3.5) > 0.3
        await _choose(stage, **{"from": "2", "to": "4"})
        samples = await _heard(stage, "From 0:02 to 0:04.")
        for side in (samples[:1], samples[1:2]):
            assert share_of_pitch(side, 72, 0.3, 1.5) > 0.3
        assert samples.shape[1] == pytest.approx(2 * 48_000, abs=48)


async def test_it_is_there_after_a_restart_at_another_port(tmp_path: Path) -> None:
    async with pianola(tmp_path, preview_seconds="5") as stage:
        await stage.midi(song=("Night.wav", wav((60, 72), seconds_each=1.0)))
        job = await stage.ended()
    async with pianola(tmp_path, preview_seconds="5") as stage:
        again = await stage.world.person.slash(stage.world.channel, "midis", song=job.id)
        assert again.response is not None
        given = await more(stage.world.person, again.response.message, "beside")
        _, ogg = await file_of(given)
    assert share_of_pitch(decoded(ogg)[:1], 60, 0.2, 0.8) > 0.3


async def test_in_another_key_it_is_not_offered(tmp_path: Path) -> None:
    async with pianola(tmp_path, preview_seconds="5") as stage:
        await stage.midi(song=("Night.wav", wav((60, 72), seconds_each=1.0)))
        await stage.ended()
        assert await _offered(stage)
        await _choose(stage, semitones="2")
        assert not await _offered(stage)


@pytest.mark.parametrize("seconds", ["0", "5"])
async def test_where_previews_are_off_or_nothing_was_sent_it_is_not_offered(
    seconds: str, tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds=seconds) as stage:
        await finished(stage, kie)
        assert not await _offered(stage)
    if seconds == "0":
        async with pianola(tmp_path / "own", preview_seconds=seconds) as stage:
            await stage.midi(song=("Night.wav", wav((60, 72), seconds_each=1.0)))
            await stage.ended()
            assert not await _offered(stage)


async def test_a_recording_that_the_studio_no_longer_has_is_told(tmp_path: Path) -> None:
    async with pianola(tmp_path, preview_seconds="5", keep_sound_hours="3") as stage:
        await stage.midi(song=("Night.wav", wav((60, 72), seconds_each=1.0)))
        await stage.ended()
        for kept in (tmp_path / "studio" / "uploads").iterdir():
            kept.unlink()
        told = refusal_of(await more(stage.world.person, await stage.reply(), "beside"))
        assert told == "The recording of this song is no longer here: it is kept for 3 hours."
