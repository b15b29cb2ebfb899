import csv
import io

import pytest

from bot.music.song import Note, Song, Track
from bot.music.write.notes_csv import COLUMNS, notes_csv


def _rows(song: Song) -> list[list[str]]:
    return list(csv.reader(io.StringIO(notes_csv(song), newline="")))


def test_every_note_is_a_line() -> None:
    flute = Track.of([Note(61, 0.5, 1 / 3 + 1, 64)], name='Flute, "solo"', program=73)
    drums = Track.of([Note(36, 0, 0.05, 127)], name="Drums", is_drums=True)
    assert _rows(Song((flute, drums))) == [
        list(COLUMNS),
        ['Flute, "solo"', "73", "C#4", "61", "0.500000", "1.333333", "64"],
        ["Drums", "drums", "C2", "36", "0.000000", "0.050000", "127"],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"])
def test_a_name_never_becomes_a_formula(name: str) -> None:
    (_, row) = _rows(Song((Track.of([Note(60, 0, 1, 64)], name=name),)))
    assert row[0] == f"'{name}"
