"""A finished song in other forms: one instrument, all of them apart, quantised, at another tempo, as a table.

Each is a function of the job and its song. They take up to seconds for a long song: not for the loop.
"""

from collections.abc import Callable
from typing import TypeAlias

from bot.chat.shown.cards import CardFile
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.language import Language
from bot.music.encode import DEFAULT_BPM, MAX_BPM, MIN_BPM, encode
from bot.music.names import file_stem
from bot.music.notes_csv import notes_csv
from bot.music.quantise import quantised
from bot.music.song import Song
from bot.music.split import archive, split
from bot.music.tempo import find_tempo

Bpm: TypeAlias = float

Make: TypeAlias = Callable[[Job, Song, Language], CardFile]
"""One of these, with what was chosen filled in."""


def instrument(job: Job, song: Song, say: Language, *, place: int) -> CardFile:
    """The file of one instrument, counted from 0.

    Raises:
        SongGoneError: the song has no such instrument.
    """
    if not 0 <= place < len(song.tracks):
        raise SongGoneError
    (part,) = split(Song((song.tracks[place],)), bpm=_stated(song) or DEFAULT_BPM)
    return CardFile(
        f"{file_stem(job.title)}-{part.file_name}", part.midi, say("Only {name}.", name=part.name)
    )


def instruments(job: Job, song: Song, say: Language) -> CardFile:
    """A file for each instrument, in one archive."""
    parts = split(song, bpm=_stated(song) or DEFAULT_BPM)
    told = say.plural(
        "{count} instrument, one file each.", "All {count} instruments, one file each.", len(parts)
    )
    return CardFile(f"{file_stem(job.title)}.zip", archive(parts), told)


def on_grid(job: Job, song: Song, say: Language, *, grid: str, strength: float, bpm: Bpm | None) -> CardFile:
    """The song quantised, in a file at that tempo. `bpm` None: the song's own, or what its notes tell, or else 120."""
    tempo = bpm or _stated(song) or _heard(song) or DEFAULT_BPM
    midi = encode(quantised(song, bpm=tempo, grid=grid, strength=strength), title=job.title, bpm=tempo)
    told = say(
        "Moved {strength} of the way to the {grid} grid at {bpm} BPM.",
        strength=f"{strength:.0%}",
        grid=grid,
        bpm=f"{tempo:g}",
    )
    share = "" if strength == 1 else f"-{strength * 100:.0f}-percent"
    name = f"{file_stem(job.title)}-{grid.replace('/', '-')}{share}-{_plain(tempo)}-bpm.mid"
    return CardFile(name, midi, told)


def at_tempo(job: Job, song: Song, say: Language, *, bpm: Bpm) -> CardFile:
    """The song as played, in a file at another tempo."""
    told = say("As played, with bar lines at {bpm} BPM.", bpm=f"{bpm:g}")
    return CardFile(
        f"{file_stem(job.title)}-{_plain(bpm)}-bpm.mid", encode(song, title=job.title, bpm=bpm), told
    )


def table(job: Job, song: Song, say: Language) -> CardFile:
    """The notes as CSV."""
    return CardFile(
        f"{file_stem(job.title)}.csv", notes_csv(song).encode(), say("Every note, one line each.")
    )


def likely_tempo(_job: Job, song: Song, _say: Language) -> Bpm | None:
    """The tempo to begin with: the one that the song's file states, or else what its notes tell; None where it changes."""
    return _stated(song) if song.stated_tempo else _heard(song)


def _plain(bpm: Bpm) -> str:
    """A tempo as a file's name has it: 93.5, and 150 for the 149.98 that was heard."""
    return f"{round(bpm, 1):g}"


def _stated(song: Song) -> Bpm | None:
    """The one tempo that the song's file states, where a file of ours can have it."""
    bpm = song.stated_tempo.only_bpm if song.stated_tempo else None
    return bpm if bpm and MIN_BPM <= bpm <= MAX_BPM else None


def _heard(song: Song) -> Bpm | None:
    """The tempo that the notes tell, to 0.01 BPM: over three minutes that is 10 ms."""
    tempo = find_tempo(song)
    return round(tempo.bpm, 2) if tempo else None
