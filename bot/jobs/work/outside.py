"""What the steps need from the outside, as they see it: a way to read what was given, and a way to answer."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from enum import Enum, auto
from typing import BinaryIO, Protocol

import msgspec

from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart
from bot.music.song import Song


class Audio(msgspec.Struct, frozen=True):
    """A file as it was given: `name` with its ending, its media type by its content, and the open file, at its beginning.

    `seconds` is its length, `title` what it is called and `cover` a small JPEG of ours, where it says so.
    """

    name: str
    media_type: str
    file: BinaryIO
    seconds: float | None = None
    title: str = ""
    cover: bytes = b""

    @property
    def is_score(self) -> bool:
        """Whether it is no sound but a MIDI file."""
        return self.media_type == "audio/midi"


class Sources(Protocol):
    """Reads what people give."""

    def read(self, part: SongPart) -> AbstractAsyncContextManager[Audio]:
        """The audio of one part, there until the block is left.

        Raises:
            InputError: it cannot be had or used.
        """


class AnswerDeletedError(Exception):
    """Somebody deleted the answer of a job: nothing more is to be posted."""


async def _nothing(_still_stands: Callable[[], Awaitable[bool]]) -> None:
    pass


class Posted(msgspec.Struct, frozen=True):
    """A result that was posted: its message, or None where it could only be kept.

    `complete` adds to it what takes longer to make, if it still stands as it was posted; it never fails.
    """

    message_id: int | None
    complete: Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]] = _nothing


class Answered(Enum):
    """Whose answer an interaction has."""

    OURS = auto()
    ANOTHERS = auto()
    """Of a process that has not our database."""

    NOBODYS = auto()


class Courier(Protocol):
    """Answers the person who asked. Each call is made while the job is locked."""

    async def whose(self, job: Job) -> Answered:
        """Whose acknowledgement of the job's interaction Discord took."""

    async def show(self, job: Job) -> None:
        """Show how far the job is; fails only with `AnswerDeletedError`."""

    async def ask(self, job: Job) -> None:
        """Ask what the job is held for; asked again, it shows the same.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """

    async def deliver(self, job: Job, song: Song) -> Posted:
        """Post the result, once.

        Raises:
            AnswerDeletedError: somebody deleted the answer.
        """

    async def refuse(self, job: Job, error: PianolaError) -> None:
        """Tell why there will be no result."""

    async def retract(self, job: Job) -> None:
        """Say that the job was cancelled; never fails."""

    async def forgotten(self, job: Job) -> None:
        """Say that the job was deleted on its asker's wish; never fails."""
