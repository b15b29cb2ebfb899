"""A song's notes as a table that spreadsheets open."""

import csv
import io

from bot.language import ENGLISH
from bot.music.heard.key import find_key
from bot.music.note_names import NoteNames
from bot.music.song import Song

COLUMNS = ("instrument", "program", "note", "pitch", "start_seconds", "end_seconds", "velocity")

_FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r")
"""What makes a spreadsheet run a cell as a formula; the wide forms in Japanese ones."""


def notes_csv(song: Song) -> str:
    """One line a note, under a line of column names; times in seconds with six decimals, program "drums" for drums."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    name_note = NoteNames(find_key(song), ENGLISH)
    names = [name_note(pitch).replace("♯", "#").replace("♭", "b") for pitch in range(128)]
    for track in song.tracks:
        name = _harmless(track.name)
        program = "drums" if track.is_drums else track.program
        table.writerows(
            (
                name,
                program,
                names[note.pitch],
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
