"""Something to listen to that somebody asks for: one instrument of a song, or the song without it."""

from typing import NamedTuple

from msgspec.structs import replace

from bot.chat.shown.cards import CardFile
from bot.chat.shown.controls import Button
from bot.chat.shown.result.actions import track_names
from bot.chat.shown.result.key_and_part import stem_of
from bot.errors import SongGoneError
from bot.jobs.model import Job
from bot.language import Language
from bot.music.clock_time import clock_time
from bot.music.names import file_stem
from bot.music.song import Song
from bot.sound.preview import Preview

ALONE, WITHOUT = "solo", "without"


def listening(job: Job, place: int) -> tuple[Button, ...]:
    """The buttons under the file of one instrument."""
    return Button(ALONE, job.id, place=place), Button(WITHOUT, job.id, place=place)


class Choice(NamedTuple):
    """The instrument at `place` alone, or with the action `WITHOUT` all others."""

    place: int
    action: str

    def of(self, song: Song) -> Song:
        """What of the song is to be heard.

        Raises:
            SongGoneError: the song has no such instrument.
        """
        if not 0 <= self.place < len(song.tracks):
            raise SongGoneError
        others = (*song.tracks[: self.place], *song.tracks[self.place + 1 :])
        return replace(song, tracks=(song.tracks[self.place],) if self.action == ALONE else others)


def comparison(job: Job, song: Song, preview: Preview, say: Language) -> CardFile:
    """The recording and the notes beside one another."""
    start, end = _times(song, preview)
    told = say("Left: the recording. Right: what I heard in it. From {start} to {end}.", start=start, end=end)
    return CardFile(f"{stem_of(job, song)}-beside-the-original.ogg", preview.ogg, told)


def file_of(job: Job, song: Song, preview: Preview, choice: Choice, say: Language) -> CardFile:
    """What is heard, and what that is."""
    name, (start, end) = track_names(job, song, say)[choice.place], _times(song, preview)
    stem, own = stem_of(job, song), file_stem(name).lower()
    if choice.action == ALONE:
        told = say("Only {name}, from {start} to {end}.", name=name, start=start, end=end)
        return CardFile(f"{stem}-{own}.ogg", preview.ogg, told)
    told = say("All but {name}, from {start} to {end}.", name=name, start=start, end=end)
    return CardFile(f"{stem}-without-{own}.ogg", preview.ogg, told)


def _times(song: Song, preview: Preview) -> tuple[str, str]:
    """From when to when it is heard: times of the recording, and the song's end where that comes before the sound's."""
    begins = song.begins_seconds
    end = min(preview.start_seconds + preview.seconds, song.longest_seconds)
    return clock_time(begins + preview.start_seconds), clock_time(begins + end)
