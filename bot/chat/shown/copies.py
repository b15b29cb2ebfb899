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
from bot.music.tempo import Tempo, find_tempo

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
    tempo = bpm or _stated(song)
    heard = None if tempo else find_tempo(song)
    if heard:
        tempo = _rounded(heard)
    tempo = tempo or DEFAULT_BPM
    midi = encode(quantised(song, bpm=tempo, grid=grid, strength=strength), title=job.title, bpm=tempo)
    told = " ".join(_told_of_grid(grid, strength, tempo, say))
    if heard and not heard.is_sure:
        told += " " + say("That tempo is only a guess; you can type in another one.")
    share = "" if strength == 1 else f"-{strength * 100:.0f}-percent"
    name = f"{file_stem(job.title)}-{grid.replace('/', '-')}{share}-{_plain(tempo)}-bpm.mid"
    return CardFile(name, midi, told)


def at_tempo(job: Job, song: Song, say: Language, *, bpm: Bpm) -> CardFile:
    """The song as played, in a file at another tempo."""
    told = say("As played, with bar lines at {bpm} BPM.", bpm=say.decimal(bpm))
    return CardFile(
        f"{file_stem(job.title)}-{_plain(bpm)}-bpm.mid", encode(song, title=job.title, bpm=bpm), told
    )


def table(job: Job, song: Song, say: Language) -> CardFile:
    """The notes as CSV."""
    return CardFile(
        f"{file_stem(job.title)}.csv", notes_csv(song).encode(), say("Every note, one line each.")
    )


def likely_tempo(_job: Job, song: Song, _say: Language) -> Bpm | None:
    """The tempo to begin with: the one that the song's file states, or else what its notes surely tell; None where it changes."""
    if song.stated_tempo:
        return _stated(song)
    heard = find_tempo(song)
    return _rounded(heard) if heard and heard.is_sure else None


def _told_of_grid(grid: str, strength: float, bpm: Bpm, say: Language) -> list[str]:
    shown = say.decimal(bpm)
    if grid.endswith("T"):
        told = [say("Quantised to {grid} triplets, at {bpm} BPM.", grid=grid.removesuffix("T"), bpm=shown)]
    else:
        told = [say("Quantised to {grid} notes, at {bpm} BPM.", grid=grid, bpm=shown)]
    if strength < 1:
        told.append(say("Each note moved {strength} of the way there.", strength=say.percent(strength)))
    return told


def _plain(bpm: Bpm) -> str:
    """A tempo as a file's name has it: 93.5, and 150 for the 149.98 that was heard."""
    return f"{round(bpm, 1):g}"


def _stated(song: Song) -> Bpm | None:
    """The one tempo that the song's file states, where a file of ours can have it."""
    bpm = song.stated_tempo.only_bpm if song.stated_tempo else None
    return bpm if bpm and MIN_BPM <= bpm <= MAX_BPM else None


def _rounded(heard: Tempo) -> Bpm:
    """To 0.01 BPM: over three minutes that is 10 ms."""
    return round(heard.bpm, 2)
