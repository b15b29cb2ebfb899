"""What was called back of a task, and from when on it is believed.

A callback's body is not signed: whoever has seen one can send it again with other notes in it. So it is a hint to look at
the record, which is asked again for some seconds, and only where that stays silent is the body believed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from bot.clock import Clock
from bot.jobs.model import Job
from bot.jobs.storage.inbox import Inbox, Kept
from bot.kie.payloads import Callback, read_callback, read_called_back_notes

_ASKED_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (1, 3, 7, 15))
"""After a callback the record is asked again 1, 2, 4 and 8 s apart."""


class Heard(msgspec.Struct, frozen=True):
    """A callback, and how long ago it came."""

    kept: Kept
    callback: Callback
    age: timedelta

    @property
    def is_believed(self) -> bool:
        """Whether its record had time enough to say the same."""
        return self.age >= _ASKED_AGAIN[-1]


class Callbacks:
    """Reads the callbacks that are kept."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def of(self, job: Job, part: int, step: str) -> list[Heard]:
        """What was called back of one task, the oldest first."""
        kept = await self._inbox.of(job.id, part, step)
        now = self._clock()
        read = [(each, await self._read(each)) for each in kept]
        return [Heard(each, callback, now - each.received_at) for each, callback in read if callback]

    async def notes(self, heard: Heard) -> bytes | None:
        """The notes of one, as raw JSON; None where its job ended meanwhile."""
        body = await self._inbox.body(heard.kept)
        return await asyncio.to_thread(read_called_back_notes, body) if body else None

    async def _read(self, kept: Kept) -> Callback | None:
        if kept.callback is not None:
            return kept.callback
        body = await self._inbox.body(kept)
        return await asyncio.to_thread(read_callback, body) if body else None

    async def look_again_in(self, job: Job, parts: Sequence[int], step: str) -> timedelta | None:
        """When the records of these parts are to be asked again; None where nothing new was called back."""
        ages = [heard.age for part in parts for heard in await self.of(job, part, step)]
        pauses = [next((pause - age for pause in _ASKED_AGAIN if age < pause), None) for age in ages]
        return min((pause for pause in pauses if pause is not None), default=None)
