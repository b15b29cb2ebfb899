"""One instrument of a song to listen to, or the song without it."""

import io
from pathlib import Path

import av
import numpy as np

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button
from bot.chat.shown.views import view_of
from tests.cogs.results import file_of, finished, labels, notes_of, posted, refusal_of
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at

HEARD = ["Listen", "Listen to the rest"]


def _loudness(ogg: bytes, hertz: float) -> float:
    """How much of a tone there is in a file."""
    with av.open(io.BytesIO(ogg), "r") as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    sound = np.concatenate([block.reshape(-1, 2) if block.shape[0] == 1 else block.T for block in blocks])
    mono = sound.mean(axis=1) * np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(mono))
    at = round(hertz * len(mono) / 48_000)
    return float(spectrum[at - 20 : at + 20].max() / spectrum.max())


def _two(kie: KieServer) -> None:
    """A flute at 440 Hz, and another one at 1175 Hz, which is none of its overtones."""
    kie.notes = notes_of("Flute", "Flute", beats=8)
    for instrument, pitch in zip(kie.notes["instruments"], (69, 86), strict=True):
        for note in instrument["notes"]:
            note["pitch"] = pitch


async def _instrument(stage: Stage, place: int) -> tuple[str, list[str | None]]:
    asked = (await stage.world.person.click(await stage.reply(), label="One instrument…")).response
    assert asked is not None
    given = await stage.world.person.select(asked.message, [str(place)])
    answer = given.response or given.followups[0]
    return answer.content, labels(answer.message)


async def test_under_the_file_of_an_instrument_it_can_be_heard_alone_and_the_rest_without_it(
    tmp_path: Path, kie: KieServer
) -> None:
    _two(kie)
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await finished(stage, kie)
        person = stage.world.person
        asked = (await person.click(await stage.reply(), label="One instrument…")).response
        assert asked is not None
        assert "you can listen to it or to all the others" in asked.content
        given = await person.select(asked.message, ["1"])
        file = given.response or given.followups[0]
        assert labels(file.message) == HEARD
        alone, rest = [await person.click(file.message, label=label) for label in HEARD]
        (name, solo), (other_name, others) = await file_of(alone), await file_of(rest)
    assert (name, other_name) == ("song-flute.ogg", "song-without-flute.ogg")
    assert _loudness(solo, 1174.66) > 10 * _loudness(solo, 440)
    assert _loudness(others, 440) > 10 * _loudness(others, 1174.66)
    assert "Only Flute, from 0:00 to 0:05." in (alone.response or alone.followups[0]).content
    assert "All but Flute, from 0:00 to 0:05." in (rest.response or rest.followups[0]).content


async def test_where_previews_are_off_nothing_is_offered_and_an_old_button_says_so(
    tmp_path: Path, kie: KieServer
) -> None:
    _two(kie)
    async with pianola_at(kie, tmp_path, preview_seconds="0") as stage:
        job, _ = await finished(stage, kie)
        told, controls = await _instrument(stage, 0)
        assert controls == []
        assert told == "Only Flute."
        old = await posted(stage, view_of(Card(controls=(Button("solo", job.id, place=0),))))
        said = refusal_of(await stage.world.person.click(old, label="Listen"))
    assert said == "Previews are off here, so there is nothing to listen to."


async def test_an_instrument_that_is_there_no_more_is_told(tmp_path: Path, kie: KieServer) -> None:
    _two(kie)
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        job, _ = await finished(stage, kie)
        old = await posted(stage, view_of(Card(controls=(Button("without", job.id, place=7),))))
        said = refusal_of(await stage.world.person.click(old, label="Listen to the rest"))
    assert said == "I no longer have this song. Please send it again."
