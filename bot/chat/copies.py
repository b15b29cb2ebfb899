"""A finished song in other forms: one instrument, all of them apart, quantised, at another tempo, as a table.

Each is a function of the job and its song. They take up to seconds for a long song: not for the loop.
"""

from collections.abc import Callable
from typing import TypeAlias

from bot.chat.cards import CardFile, file_stem
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.music.encode import DEFAULT_BPM, encode
from bot.music.notes_csv import notes_csv
from bot.music.quantise import quantised
from bot.music.song import Song
from bot.music.split import archive, split
from bot.music.tempo import find_tempo

Bpm: TypeAlias = float

Make: TypeAlias = Callable[[Job, Song], CardFile]
"""One of these, with what was chosen filled in."""


def instrument(job: Job, song: Song, *, place: int) -> CardFile:
    """The file of one instrument, counted from 0.

    Raises:
        SongGoneError: the song has no such instrument.
    """
    if not 0 <= place < len(song.tracks):
        raise SongGoneError
    (part,) = split(Song((song.tracks[place],)))
    return CardFile(f"{file_stem(job.title)}-{part.file_name}", part.midi, f"{part.name} alone.")


def instruments(job: Job, song: Song) -> CardFile:
    """A file for each instrument, in one archive."""
    parts = split(song)
    return CardFile(
        f"{file_stem(job.title)}.zip", archive(parts), f"All {len(parts)} instruments, a file each."
    )


def on_grid(job: Job, song: Song, *, grid: str, strength: float, bpm: Bpm | None) -> CardFile:
    """The song quantised, in a file at that tempo. `bpm` None: the tempo that its notes tell, or else 120."""
    tempo = bpm or heard_tempo(job, song) or DEFAULT_BPM
    midi = encode(quantised(song, bpm=tempo, grid=grid, strength=strength), title=job.title, bpm=tempo)
    told = f"Moved {strength:.0%} of the way to the {grid} grid at {tempo:g} BPM."
    return CardFile(f"{file_stem(job.title)}-{grid.replace('/', '-')}-{tempo:g}-bpm.mid", midi, told)


def at_tempo(job: Job, song: Song, *, bpm: Bpm) -> CardFile:
    """The song as played, in a file at another tempo."""
    told = f"As played, with the bars of {bpm:g} BPM."
    return CardFile(f"{file_stem(job.title)}-{bpm:g}-bpm.mid", encode(song, title=job.title, bpm=bpm), told)


def table(job: Job, song: Song) -> CardFile:
    """The notes as CSV."""
    return CardFile(f"{file_stem(job.title)}.csv", notes_csv(song).encode(), "Every note, a line each.")


def heard_tempo(_job: Job, song: Song) -> Bpm | None:
    """The tempo that the notes tell, to 0.01 BPM: over three minutes that is 10 ms."""
    tempo = find_tempo(song)
    return round(tempo.bpm, 2) if tempo else None
