import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bot.music.meter.bar_lines import bars_of
from bot.music.meter.tempo_curve import TempoCurve
from bot.music.quantise import quantised
from bot.music.read.parse import read_notes
from bot.music.song import Note, Song, Track
from bot.music.write.encode import encode
from tests.music.difficult import DIFFICULT
from tests.music.payloads import body

MUSESCORE = shutil.which("musescore3") or shutil.which("mscore3")

pytestmark = pytest.mark.skipif(MUSESCORE is None, reason="MuseScore (Debian's musescore3) is not installed")


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each difficult song as MusicXML, made by MuseScore from our file in one run."""
    place = tmp_path_factory.mktemp("musescore")
    jobs = []
    for at, (title, instruments) in enumerate(DIFFICULT.items()):
        midi = place / f"{at}.mid"
        midi.write_bytes(encode(read_notes(body(instruments)), title=title))
        jobs.append({"in": str(midi), "out": str(midi.with_suffix(".musicxml"))})
    (place / "jobs.json").write_text(json.dumps(jobs))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(place)}
    command = [str(MUSESCORE), "-j", str(place / "jobs.json")]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=90)  # noqa: S603  # our own files
    return {title: Path(job["out"]) for title, job in zip(DIFFICULT, jobs, strict=True)}


@pytest.mark.parametrize("title", DIFFICULT)
def test_musescore_opens_a_difficult_song_without_losing_a_note(title: str, scores: dict[str, Path]) -> None:
    assert _written_notes(scores[title]) == read_notes(body(DIFFICULT[title])).note_count


def test_musescore_reads_tempo_meter_and_pickup_of_a_quantised_copy(tmp_path: Path) -> None:
    """And no tempo in which nobody plays: there was no time for the silence before this pickup."""
    curve = TempoCurve(np.array([0, 1]), np.array([0.5, 1.0]))
    bars = bars_of(curve, first=0, meter="3/4", first_note=0.01)
    late = np.random.default_rng(1).uniform(0, 0.03, 25).tolist()
    tune = [Note(60 + beat % 5, 0.5 * beat + late[beat], 0.5 * beat + 0.4, 80) for beat in range(25)]
    copy = quantised(Song((Track.of(tune, name="Tune"),), bars=bars))
    midi, read = tmp_path / "copy.mid", tmp_path / "copy.musicxml"
    midi.write_bytes(encode(copy, title="Copy"))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    command = [str(MUSESCORE), str(midi), "-o", str(read)]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=90)  # noqa: S603  # our own file
    score = ET.parse(read)  # noqa: S314  # MuseScore wrote it just now
    assert [mark.text for mark in score.iter("per-minute")] == ["120"]
    assert [(time.findtext("beats"), time.findtext("beat-type")) for time in score.iter("time")] == [
        ("3", "4")
    ]
    first = [note.find("rest") is None for note in next(score.iter("measure")).iter("note")]
    assert first[-1]
    assert not any(first[:-1])


def _written_notes(score: Path) -> int:
    """Notes of a MusicXML file, a tied one counted once."""
    notes = ET.parse(score).iter("note")  # noqa: S314  # MuseScore wrote it just now
    return sum(note.find("rest") is None and note.find("tie[@type='stop']") is None for note in notes)
