"""A finished song in other forms: one instrument, all of them apart, quantised, at another tempo, as a table.

Each is a function of the job and its song. They take up to seconds for a long song: not for the loop.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec.structs import replace

from bot.chat.shown.cards import CardFile
from bot.chat.shown.result.key_and_part import stem_of
from bot.chat.shown.result.tempos import in_beats, tempo_in_a_name, tempo_told
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.language import Language
from bot.music.chords.hear import find_chords
from bot.music.heard.key import Key, find_key
from bot.music.heard.tempo import Tempo, find_tempo
from bot.music.meter.chosen import ChosenBars
from bot.music.quantise import quantised
from bot.music.song import Song
from bot.music.timeline.bars import DEFAULT_BPM, Bars
from bot.music.write.encode import MAX_BPM, MIN_BPM, encode
from bot.music.write.notes_csv import notes_csv
from bot.music.write.split import archive, split

Bpm: TypeAlias = float
"""In the beats that people count: of 6/8 dotted quarters."""

Make: TypeAlias = Callable[[Job, Song, Language], CardFile]
"""One of these, with what was chosen filled in."""

Likely: TypeAlias = Callable[[Job, Song, Language], Bpm | None]
"""A tempo to begin with."""


def instrument(job: Job, song: Song, say: Language, *, place: int) -> CardFile:
    """The file of one instrument, counted from 0.

    Raises:
        SongGoneError: the song has no such instrument.
    """
    if not 0 <= place < len(song.tracks):
        raise SongGoneError
    (part,) = split(replace(song, tracks=(song.tracks[place],)), bpm=_own_bpm(song))
    return CardFile(f"{stem_of(job, song)}-{part.file_name}", part.midi, say("Only {name}.", name=part.name))


def instruments(job: Job, song: Song, say: Language) -> CardFile:
    """A file for each instrument, in one archive."""
    told = say.plural(
        "{count} instrument, one file each.", "All {count} instruments, one file each.", len(song.tracks)
    )
    parts = split(song, bpm=_own_bpm(song))
    return CardFile(f"{stem_of(job, song)}.zip", archive(parts), told)


def on_grid(job: Job, song: Song, say: Language, *, grid: str, strength: float, bpm: Bpm | None) -> CardFile:
    """The song quantised, in a file at that tempo. `bpm` None: by the song's own bars, or what its notes tell, or else 120."""
    if bpm is None and song.bars:
        return _on_bars(job, song, song.bars, say, grid=grid, strength=strength)
    tempo = bpm or _stated(song)
    heard = None if tempo else find_tempo(song)
    if heard:
        tempo = _rounded(heard)
    tempo = tempo or DEFAULT_BPM
    moved = quantised(song, bpm=tempo, grid=grid, strength=strength)
    in_its_bars = replace(moved, bars=song.bars)
    midi = encode(in_its_bars, title=job.title, bpm=tempo, chords=find_chords(moved))
    told = " ".join(_told_of_grid(song, grid, strength, tempo, say))
    if heard and not heard.is_sure:
        told += " " + say("That tempo is only a guess; you can type in another one.")
    pace = tempo_in_a_name(tempo, song)
    return CardFile(f"{_grid_stem(job, song, grid, strength)}-{pace}.mid", midi, told)


def _on_bars(job: Job, song: Song, bars: Bars, say: Language, *, grid: str, strength: float) -> CardFile:
    bpm = _only_bpm(song, bars)
    moved = quantised(song, grid=grid, strength=strength)
    midi = encode(moved, title=job.title, chords=find_chords(moved))
    told = " ".join(_told_of_grid(song, grid, strength, bpm, say))
    pace = f"-{tempo_in_a_name(bpm, song)}" if bpm else ""
    return CardFile(f"{_grid_stem(job, song, grid, strength)}{pace}.mid", midi, told)


def _grid_stem(job: Job, song: Song, grid: str, strength: float) -> str:
    share = "" if strength == 1 else f"-{strength * 100:.0f}-percent"
    return f"{stem_of(job, song)}-{grid.replace('/', '-')}{share}"


def at_tempo(job: Job, song: Song, say: Language, *, bpm: Bpm) -> CardFile:
    """The song as played, in a file at another tempo."""
    told = say("As played, with bar lines at {tempo}.", tempo=tempo_told(bpm, song, say))
    midi = encode(song, title=job.title, bpm=bpm, chords=find_chords(song))
    return CardFile(f"{stem_of(job, song)}-{tempo_in_a_name(bpm, song)}.mid", midi, told)


def table(job: Job, song: Song, say: Language) -> CardFile:
    """The notes as CSV."""
    return CardFile(f"{stem_of(job, song)}.csv", notes_csv(song).encode(), say("Every note, one line each."))


def likely_tempo(_job: Job, song: Song, _say: Language) -> Bpm | None:
    """The tempo to begin with: the one that the song's file states, or else what its notes surely tell; None where it changes."""
    if song.stated_tempo:
        return _stated(song)
    if song.bars:
        return _only_bpm(song, song.bars)
    heard = find_tempo(song)
    return _rounded(heard) if heard and heard.is_sure else None


def likely_bars(job: Job, song: Song, _say: Language) -> ChosenBars:
    """The bars to begin with: those that were chosen, or else the likeliest, however sure."""
    if job.bars:
        return job.bars
    return ChosenBars(*song.likely_bars) if song.likely_bars else ChosenBars("4/4", 0.0)


def likely_key(_job: Job, song: Song, _say: Language) -> Key | None:
    """The key that the notes tell."""
    return find_key(song)


def own_tempo(_job: Job, song: Song, _say: Language) -> Bpm | None:
    """The tempo to begin with where a copy is to keep to the song's bars: none, where it has any."""
    return None if song.bars else likely_tempo(_job, song, _say)


def _told_of_grid(song: Song, grid: str, strength: float, bpm: Bpm | None, say: Language) -> list[str]:
    """`bpm` None: of bars that follow the playing."""
    tempo = tempo_told(bpm or DEFAULT_BPM, song, say)
    if bpm is None and grid.endswith("T"):
        told = [say("Quantised to {grid} triplets of its own bars.", grid=grid.removesuffix("T"))]
    elif bpm is None:
        told = [say("Quantised to {grid} notes of its own bars.", grid=grid)]
    elif grid.endswith("T"):
        told = [say("Quantised to {grid} triplets, at {tempo}.", grid=grid.removesuffix("T"), tempo=tempo)]
    else:
        told = [say("Quantised to {grid} notes, at {tempo}.", grid=grid, tempo=tempo)]
    if strength < 1:
        told.append(say("Each note moved {strength} of the way there.", strength=say.percent(strength)))
    return told


def _only_bpm(song: Song, bars: Bars) -> Bpm | None:
    """The one tempo of bars; None where they follow the playing."""
    if song.stated_tempo:
        return _only_stated(song)
    slowest, fastest = bars.bpm
    return slowest if slowest == fastest else None


def _own_bpm(song: Song) -> Bpm | None:
    """The tempo of a copy of a song without bars; None where the bars decide, or nothing does."""
    return None if song.bars else _stated(song)


def _stated(song: Song) -> Bpm | None:
    """The one tempo that the song's file states, where a file of ours can have it."""
    bpm = _only_stated(song)
    return bpm if bpm and MIN_BPM <= bpm <= MAX_BPM else None


def _only_stated(song: Song) -> Bpm | None:
    quarters = song.stated_tempo.only_bpm if song.stated_tempo else None
    return in_beats(quarters, song) if quarters else None


def _rounded(heard: Tempo) -> Bpm:
    """To 0.01 BPM: over three minutes that is 10 ms."""
    return round(heard.bpm, 2)
