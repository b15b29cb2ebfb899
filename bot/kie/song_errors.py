"""Why the built-in studio could not do a song.

`number` and the sentence are what the record's `errorCode` and `errorMessage` hold, as kie's hold its own. Who reads such a
record knows the sentence again, and tells it in the reader's language.
"""

import re
from functools import cache
from typing import ClassVar

from bot.errors import StudioError, template_of


class SongError(StudioError):
    """This song could not be transcribed. Please try again."""

    number: ClassVar[int] = 501


class UnreadableSongError(SongError):
    """This is not an audio file that can be read, or it is damaged. Please export it once more, as wav, flac, mp3 or m4a."""

    again = False
    number = 422


class CutSongError(SongError):
    """The end of this file is missing, and m4a and mp4 can't be read without it. Please export or upload it once more."""

    again = False
    number = 422


class NoSoundError(SongError):
    """There is no sound in this file."""

    again = False
    number = 422


class SongTooLongError(SongError):
    """This song is {length} long, and I take up to {limit}. Send me a part of it."""

    again = False
    number = 422

    def __init__(self, seconds: float, limit_seconds: float) -> None:
        """Both lengths are told in whole minutes or hours."""
        super().__init__(length=spoken(seconds), limit=spoken(limit_seconds))


class NoMemoryForSongError(SongError):
    """This file needs more memory than I have. Please export it once more, as mp3 or m4a, or send me a part of it."""

    again = False
    number = 422


class SongStalledError(SongError):
    """Reading this song took far too long, so I stopped. Please export it once more and try again."""


class SongCrashedError(SongError):
    """My transcriber crashed on this song. Please export it in another format and try again."""


class EngineAwayError(SongError):
    """The server that listens to songs does not answer. Please try again later, or tell whoever runs me."""

    number = 503


class EngineBusyError(SongError):
    """The server that listens to songs is busy with others. Please try again in a few minutes."""

    number = 503


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


def known_again(message: str) -> SongError | None:
    """The error whose sentence `message` is, with what it was filled with; None: it is none of these."""
    for pattern, kind in _sentences():
        if found := pattern.fullmatch(message):
            error = kind.__new__(kind)
            StudioError.__init__(error, **found.groupdict())
            return error
    return None


@cache
def _sentences() -> list[tuple[re.Pattern[str], type[SongError]]]:
    found: list[tuple[re.Pattern[str], type[SongError]]] = []
    kinds: list[type[SongError]] = [SongError, *SongError.__subclasses__()]
    for kind in kinds:
        # Lengths of time are all that these are filled with.
        words = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[\\w ]{1,20})", re.escape(template_of(kind)))
        found.append((re.compile(words), kind))
    return found
