import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.music.read.parse import read_notes
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


def _written_notes(score: Path) -> int:
    """Notes of a MusicXML file, a tied one counted once."""
    notes = ET.parse(score).iter("note")  # noqa: S314  # MuseScore wrote it just now
    return sum(note.find("rest") is None and note.find("tie[@type='stop']") is None for note in notes)
