import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.music.encode import encode
from bot.music.parse import read_notes
from tests.music.difficult import DIFFICULT
from tests.music.payloads import body

MUSESCORE = shutil.which("musescore3") or shutil.which("mscore3")

pytestmark = pytest.mark.skipif(MUSESCORE is None, reason="MuseScore (Debian's musescore3) is not installed")


@pytest.mark.parametrize("title", DIFFICULT)
def test_musescore_opens_a_difficult_song_without_losing_a_note(title: str, tmp_path: Path) -> None:
    song = read_notes(body(DIFFICULT[title]))
    midi, score = tmp_path / "song.mid", tmp_path / "song.musicxml"
    midi.write_bytes(encode(song, title=title))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    subprocess.run(  # noqa: S603  # an installed program and files of our own
        [str(MUSESCORE), "-o", str(score), str(midi)],
        env=environment,
        capture_output=True,
        check=True,
        timeout=90,
    )
    assert _written_notes(score) == song.note_count


def _written_notes(score: Path) -> int:
    """Notes of a MusicXML file, a tied one counted once."""
    notes = ET.parse(score).iter("note")  # noqa: S314  # MuseScore wrote it just now
    return sum(note.find("rest") is None and note.find("tie[@type='stop']") is None for note in notes)
