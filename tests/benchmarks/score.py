"""How well sheets are written, beside what MuseScore makes of the same .mid: prints JSON.

`python -m tests.benchmarks.score [PIECES]`: PIECES (60) made-up piano pieces whose written form is known, played by hands that are
late, early and let go too soon, in five kinds. Each file carries the right tempo, meter and key.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from bot.music.write.encode import encode
from bot.score.musicxml import musicxml
from bot.score.score import score_of
from tests.music.pieces import KINDS, Piece, WrittenNote, piece

PIECES = 60
HELD_OUT = 700_000
"""The first seed."""

_MUSESCORE = shutil.which("musescore3") or shutil.which("mscore3")


@dataclass(frozen=True, slots=True)
class _Read:
    notes: list[WrittenNote]
    ties: int
    bars: int
    voices: float
    """A staff and bar, on the mean."""


def main() -> None:
    """Write, read back, compare and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PIECES
    pieces = [
        piece(np.random.default_rng(HELD_OUT + number), KINDS[number % len(KINDS)]) for number in range(count)
    ]
    began = time.perf_counter()
    ours = [_read(musicxml(score_of(one.song, title=""))) for one in pieces]
    took = (time.perf_counter() - began) / count
    report: dict[str, Any] = {"pieces": count, "ms": round(took * 1000), "ours": _told(pieces, ours)}
    if _MUSESCORE:
        report["musescore"] = _told(pieces, [_read(document) for document in _by_musescore(pieces)])
    print(json.dumps(report, indent=1))


def _told(pieces: list[Piece], read: list[_Read]) -> dict[str, Any]:
    both = list(zip(pieces, read, strict=True))
    return {
        **_shares(both),
        **{kind: _shares([one for one in both if one[0].kind == kind]) for kind in KINDS},
    }


def _shares(both: list[tuple[Piece, _Read]]) -> dict[str, float]:
    if not both:
        return {}
    onsets, wholes = zip(*(_right(one.notes, read.notes) for one, read in both), strict=True)
    bars = sum(read.bars for _, read in both)
    return {
        "right_onsets": round(statistics.mean(onsets), 3),
        "right_onsets_and_lengths": round(statistics.mean(wholes), 3),
        "ties_a_bar": round(sum(read.ties for _, read in both) / bars, 2),
        "voices_a_staff": round(statistics.mean(read.voices for _, read in both), 2),
    }


def _right(wanted: tuple[WrittenNote, ...], found: list[WrittenNote]) -> tuple[float, float]:
    onsets = Counter((one.start, one.pitch) for one in wanted) & Counter(
        (one.start, one.pitch) for one in found
    )
    wholes = Counter(wanted) & Counter(found)
    return onsets.total() / len(wanted), wholes.total() / len(wanted)


def _by_musescore(pieces: list[Piece]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for number, one in enumerate(pieces):
            path = Path(folder) / f"{number}.mid"
            path.write_bytes(encode(one.song, title=""))
            jobs.append({"in": str(path), "out": str(path.with_suffix(".musicxml"))})
        (Path(folder) / "jobs.json").write_text(json.dumps(jobs))
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": folder}
        command = [str(_MUSESCORE), "-j", f"{folder}/jobs.json"]
        subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603  # our own files
        return [Path(job["out"]).read_text() for job in jobs]


def _read(document: str) -> _Read:
    """All notes of the first part in quarters, tied ones as one; grace notes take no time and are none."""
    notes: list[WrittenNote] = []
    tied: dict[int, int] = {}
    ties, divisions, begun = 0, 1, Fraction(0)
    voices: list[int] = []
    part = ET.fromstring(document).find("part")  # noqa: S314  # MuseScore or we wrote it just now
    measures = [] if part is None else part.findall("measure")
    for measure in measures:
        place = start = furthest = Fraction(0)
        used: dict[str, set[str]] = {}
        for element in measure:
            divisions = int(element.findtext("divisions") or divisions)
            units = Fraction(int(element.findtext("duration") or 0), divisions)
            if element.tag == "backup":
                place -= units
            elif element.tag == "forward":
                place += units
            elif element.tag == "note" and element.find("grace") is None:
                if element.find("chord") is None:
                    start, place = place, place + units
                if element.find("rest") is None:
                    used.setdefault(element.findtext("staff") or "1", set()).add(
                        element.findtext("voice") or "1"
                    )
                    ties += _add(notes, tied, element, begun + start, units)
            furthest = max(furthest, place)
        begun += furthest
        voices += [len(one) for one in used.values()]
    return _Read(notes, ties, len(measures), statistics.mean(voices))


def _add(
    notes: list[WrittenNote], tied: dict[int, int], element: ET.Element, start: Fraction, length: Fraction
) -> int:
    """Take a note over; returns 1 where it is tied to the next one."""
    step, octave = element.findtext("pitch/step") or "C", int(element.findtext("pitch/octave") or 0)
    pitch = 12 * (octave + 1) + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[step]
    pitch += int(element.findtext("pitch/alter") or 0)
    at = tied.pop(pitch, None) if element.find("tie[@type='stop']") is not None else None
    if at is None:
        at = len(notes)
        notes.append(WrittenNote(start, length, pitch))
    else:
        notes[at] = WrittenNote(notes[at].start, notes[at].length + length, pitch)
    goes_on = element.find("tie[@type='start']") is not None
    if goes_on:
        tied[pitch] = at
    return int(goes_on)


if __name__ == "__main__":
    main()
