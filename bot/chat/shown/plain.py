"""What is shown without any word that people chose: where a server's AutoMod stops one of them, the notes still arrive."""

from msgspec.structs import replace

from bot.errors import PianolaError, from_code
from bot.jobs.model import Job
from bot.music.song import Song


def plain_job(job: Job) -> Job:
    """A job without its title and the names of files; it goes by the same id."""
    parts = tuple(replace(part, name="", cover=b"") for part in job.parts)
    return replace(job, title="", parts=parts, passed_over=())


def plain_song(song: Song) -> Song:
    """A song whose instruments have no names: they are counted where they are shown."""
    tracks = tuple(replace(track, name="") for track in song.tracks)
    return replace(song, tracks=tracks)


def plain_error(error: PianolaError) -> PianolaError:
    """An error without what people sent."""
    values = {name: "…" if isinstance(value, str) else value for name, value in error.values.items()}
    return from_code(error.code, values)
