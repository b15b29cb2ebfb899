"""A song's notes as a table that spreadsheets open."""

import csv
import io

from bot.music.song import Song
from bot.music.summary import note_name

COLUMNS = ("instrument", "program", "note", "pitch", "start_seconds", "end_seconds", "velocity")

_FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r")
"""What makes a spreadsheet run a cell as a formula; the wide forms in Japanese ones."""


def notes_csv(song: Song) -> str:
    """One line a note, under a line of column names; times in seconds with six decimals, program "drums" for drums."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for track in song.tracks:
        name = _harmless(track.name)
        program = "drums" if track.is_drums else track.program
        table.writerows(
            (
                name,
                program,
                note_name(note.pitch),
                note.pitch,
                f"{note.start_seconds:.6f}",
                f"{note.end_seconds:.6f}",
                note.velocity,
            )
            for note in track
        )
    return text.getvalue()


def _harmless(cell: str) -> str:
    """`cell` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
