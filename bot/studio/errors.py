"""Why a song could not be done. `number` and the sentence are what the record's `errorCode` and `errorMessage` hold."""

from typing import ClassVar

from bot.errors import PianolaError


class SongError(PianolaError):
    """This song could not be transcribed. Please try again."""

    number: ClassVar[int] = 501


class UnreadableSongError(SongError):
    """This is not an audio file that can be read, or it is damaged. Please export it once more, as wav, flac, mp3 or m4a."""

    number = 422


class NoSoundError(SongError):
    """There is no sound in this file."""

    number = 422


class SongTooLongError(SongError):
    """This song is {length} long; I take up to {limit}."""

    number = 422

    def __init__(self, seconds: float, limit_seconds: float) -> None:
        """Both lengths are told in whole minutes or hours."""
        super().__init__(length=spoken(seconds), limit=spoken(limit_seconds))


class SongStalledError(SongError):
    """Reading this song took far longer than such songs take, so I stopped. Please export it once more and try again."""


class SongCrashedError(SongError):
    """The transcriber broke down over this song. Please export it in another format and try again."""


class SourceGoneError(SongError):
    """The audio of this task is no longer kept. Please upload the song again."""

    number = 451


def spoken(seconds: float) -> str:
    """A length of time for people: `45 s`, `12 min`, `3 h`, `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
