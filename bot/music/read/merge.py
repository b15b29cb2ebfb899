"""Several songs that are the stems of one -> that one song."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.music import names
from bot.music.instruments.programs import sound_for
from bot.music.normalise import normalise
from bot.music.read.parse import read_as_given
from bot.music.report import Report
from bot.music.song import Song, Track


def read_parts(parts: Sequence[tuple[str | None, bytes]]) -> Song:
    """One song of all `parts`, each a name and notes as they are kept: read once, and normalised once, together.

    Raises:
        NotesError: notes that cannot be read, or over 1024 tracks.
    """
    return merged([(name, read_as_given(body)) for name, body in parts])


def merged(parts: Sequence[tuple[str | None, Song]]) -> Song:
    """One song with the tracks of all `parts`, each a name (such as an uploaded file's stem) and a song.

    The name of a part with one instrument names its track, and the sound is looked up from it, or else from the
    instrument's own name. The report is that of all parts together; a stated tempo is a lone part's.

    Raises:
        NotesError: the parts have over 1024 tracks.
    """
    tracks = [
        replace(track, part=number)
        for number, (name, song) in enumerate(parts)
        for track in _named(name, song)
    ]
    song = normalise(tracks, sum((song.report for _, song in parts), Report()))
    # The stems of one recording have one tuning; drums have none.
    song = replace(song, tuning_cents=max((part.tuning_cents for _, part in parts), key=abs, default=0))
    if len(parts) == 1:
        return replace(song, stated_tempo=parts[0][1].stated_tempo, bars=parts[0][1].bars)
    silent = tuple(names.clean(name or "") for name, part in parts if not part.note_count)
    return replace(song, silent_parts=tuple(filter(None, silent)))


def _named(part_name: str | None, song: Song) -> tuple[Track, ...]:
    name = names.clean(part_name or "")
    heard = [track for track in song.tracks if len(track)]
    if not name or len(heard) != 1:
        return song.tracks
    sound = sound_for(name, heard[0].name)
    named = replace(
        heard[0], name=name, program=sound.program, is_drums=sound.is_drums, guessed=sound.guessed
    )
    return tuple(named if track is heard[0] else track for track in song.tracks)
