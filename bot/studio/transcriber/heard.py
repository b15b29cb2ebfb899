"""What was heard in a song, kept so that it can be told anew without hearing the song once more."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.kie.strength import Strength
from bot.studio.engine import NotHeardError
from bot.studio.transcriber.activity import Whole
from bot.studio.transcriber.kit import Hit
from bot.studio.transcriber.layers import NOTES
from bot.studio.transcriber.loudness import Level, audible, velocities
from bot.studio.transcriber.model import seconds_of
from bot.studio.transcriber.notes import END, PITCH, START, notes_of
from bot.studio.whole import write_whole

LATE_SECONDS: Final = 0.005
"""What is chosen as a beginning comes this much after it. In songs by people the middle one of 13 000 notes is then told 5 ms early, and
the most are within 50 ms; with 15 they were 15 early, and as much before the drums."""

Table = NDArray[np.float32]
"""Of notes [start, end, pitch, velocity] each, of strokes [seconds, pitch, strength]: as objects those of half an hour would be 16 MB."""


@dataclass(frozen=True, slots=True)
class Played:
    """One note; `velocity` is 0..1."""

    start: float
    end: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Notes for each strength; strokes as those of drums alone or of a mix. What was not listened for is not there.

    Half an hour of music are 1 MB on disk, where the network's grids would be 20.
    """

    notes: dict[Strength, Table] = field(default_factory=dict)
    strokes: dict[bool, Table] = field(default_factory=dict)
    """By whether they are of a mix."""
    tuning_cents: int = 0
    """How sharp the recording is; flat: below 0. The notes are those that were played."""
    is_cut: bool = False
    """Whether the file ends before its sound does."""

    def notes_of(self, strength: Strength) -> list[Played]:
        """The notes, by start.

        Raises:
            NotHeardError: only drums were listened for.
        """
        if strength not in self.notes:
            raise NotHeardError
        return [
            Played(start, end, int(pitch), velocity)
            for start, end, pitch, velocity in map(np.ndarray.tolist, self.notes[strength])
        ]

    def strokes_of(self, *, mixed: bool) -> list[Hit]:
        """The strokes, by time.

        Raises:
            NotHeardError: they were not listened for.
        """
        if mixed not in self.strokes:
            raise NotHeardError
        return [
            Hit(seconds, int(pitch), strength)
            for seconds, pitch, strength in map(np.ndarray.tolist, self.strokes[mixed])
        ]


def notes_in(song: Whole, weights: Path = NOTES, *, stretched: float = 1.0) -> dict[Strength, Table]:
    """The notes for each strength, as the networks in the file `weights` judge; of what was played `stretched` times as long."""
    level = song.level
    return {
        strength: _played(level, audible(level, notes), stretched)
        for strength, notes in notes_of(song, weights).items()
    }


def _played(level: Level, notes: Table, stretched: float) -> Table:
    start, end = (seconds_of(notes[:, edge].astype(np.int64)) for edge in (START, END))
    start = np.maximum(start - LATE_SECONDS, 0)
    return np.column_stack(
        [start / stretched, end / stretched, notes[:, PITCH], velocities(level, notes)]
    ).astype(np.float32)


def packed(strokes: list[Hit]) -> Table:
    """As `Heard` holds them."""
    rows = [(hit.seconds, hit.pitch, hit.strength) for hit in strokes]
    return np.array(rows, np.float32).reshape(-1, 3)


def keep(heard: Heard, path: Path) -> None:
    """Write it to `path`, whole or not at all."""
    tables = {f"notes {strength}": table for strength, table in heard.notes.items()}
    tables |= {f"strokes {mixed:d}": table for mixed, table in heard.strokes.items()}
    tables["told"] = np.array([heard.tuning_cents, heard.is_cut], np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **tables)
    write_whole(path, file.getvalue())


def kept(path: Path) -> Heard:
    """What `keep` wrote.

    Raises:
        NotHeardError: there is nothing, or nothing that can be read.
    """
    try:
        with path.open("rb") as file, np.load(file) as tables:
            notes = {
                strength: tables[f"notes {strength}"].reshape(-1, 4)
                for strength in Strength
                if f"notes {strength}" in tables
            }
            strokes = {
                mixed: tables[f"strokes {mixed:d}"].reshape(-1, 3)
                for mixed in (False, True)
                if f"strokes {mixed:d}" in tables
            }
            # What an earlier version kept has none.
            cents, is_cut = tables["told"].tolist() if "told" in tables else (0, 0)
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise NotHeardError(str(error)) from error
    return Heard(notes, strokes, int(cents), bool(is_cut))
