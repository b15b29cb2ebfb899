"""What the steps need from the outside, as they see it: a way to read what was given, and a way to answer."""

from dataclasses import dataclass
from typing import Protocol

from bot.errors import PianolaError
from bot.jobs.model import Job, Part
from bot.music.song import Song


@dataclass(frozen=True, slots=True)
class Audio:
    """A file as it was given: `name` with its ending, its bytes, and its media type by their content."""

    name: str
    data: bytes
    media_type: str


class Sources(Protocol):
    """Reads what people give."""

    async def read(self, part: Part) -> Audio:
        """The audio of one part.

        Raises:
            InputError: it cannot be had or used.
        """


class Courier(Protocol):
    """Answers the person who asked."""

    def show(self, job: Job) -> None:
        """Tell, some time soon, how far the job is. Never fails, never waits."""

    async def deliver(self, job: Job, song: Song) -> int | None:
        """Post the result, once; returns the message's id, or None where it could only be kept."""

    async def refuse(self, job: Job, error: PianolaError) -> None:
        """Tell why there will be no result."""
