"""What is kept of a person: their songs in pages, found by words of the title, and the separations they had made."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.clock import Clock, utc_now
from bot.jobs.model import Job
from bot.jobs.naming import folded
from bot.jobs.storage.databases.transactions import Transactions
from bot.jobs.storage.tables import HAS_SEPARATIONS, IS_SONG, jobs

SONGS_A_PAGE = 10
"""With two lines each they fill a phone's screen once."""

MOST_OFFERED = 25
"""Discord's limit for an autocompletion."""

_LONGEST_SEARCH = 100

_LOOKED_THROUGH = 200
"""Jobs whose separations are read: many tries with one separation are still one offer."""

_SOON = timedelta(days=3)
"""Before a song is deleted this is told with it: a weekend is time enough, and with the usual 14 days no song begins so."""

_SEPARATIONS_LAST = timedelta(days=14)
"""kie forgets the records of its tasks then."""

_ESCAPED = re.compile("[%_/]")
"""What means something else in LIKE."""

_decode = msgspec.json.Decoder(Job).decode


class Page(msgspec.Struct, frozen=True):
    """Some of the `count` songs of a person, the newest first. `number` counts from 0, up to `pages` - 1."""

    songs: tuple[Job, ...]
    number: int
    count: int

    @property
    def pages(self) -> int:
        """How many there are; no songs are one page."""
        return max(1, -(-self.count // SONGS_A_PAGE))


class Separation(msgspec.Struct, frozen=True):
    """A finished separation at the studio, and the song that it was used for last."""

    id: str
    title: str
    used_at: datetime


class KeptSongs:
    """Reads; what is deleted goes through the desk."""

    def __init__(
        self, transactions: Transactions, *, studio: str, keep_for: timedelta, clock: Clock = utc_now
    ) -> None:
        """`studio` is the one at work now: no other knows the separations of an earlier one."""
        self._transactions = transactions
        self._studio = studio
        self.keep_for = keep_for
        self._clock = clock

    def kept_until(self, job: Job) -> datetime:
        """When a finished song is deleted by itself."""
        return (job.finished_at or self._clock()) + self.keep_for

    def is_going_soon(self, job: Job) -> bool:
        """Whether whoever wants a finished song should get it now."""
        return self.kept_until(job) - self._clock() < _SOON < self.keep_for

    async def page(self, user_id: int, number: int) -> Page:
        """A page of a person's songs; beyond the ends, the nearest that there is."""
        songs = _songs_of(user_id)

        def read(connection: sa.Connection) -> Page:
            # Of the index alone: through `songs` each document would be read.
            count = connection.scalar(sa.select(sa.func.count()).where(*_of(user_id))) or 0
            nearest = max(0, min(number, (count - 1) // SONGS_A_PAGE))
            wanted = songs.limit(SONGS_A_PAGE).offset(nearest * SONGS_A_PAGE)
            return Page(tuple(map(_decode, connection.scalars(wanted))), nearest, count)

        return await self._transactions.read(read, first=True)

    async def song(self, user_id: int, job_id: str) -> Job | None:
        """A song of a person; None where it is not kept, or is somebody else's."""
        wanted = _songs_of(user_id).where(jobs.c.id == job_id)
        document = await self._transactions.scalar(wanted, first=True)
        return None if document is None else _decode(document)

    async def search(self, user_id: int, typed: str) -> list[Job]:
        """The songs of a person whose titles hold every word of `typed`, the newest first; at most 25."""
        words = _words(typed)
        wanted = _songs_of(user_id).where(*_holding(jobs.c.title, len(words))).limit(MOST_OFFERED)
        return await self._jobs(wanted, words)

    async def separations(self, user_id: int, typed: str) -> list[Separation]:
        """The separations that a person had made or used and that the studio still knows, the newest first.

        `typed` may be words of the title or a piece of the id; at most 25 are found.
        """
        since = self._clock() - _SEPARATIONS_LAST
        words = _words(typed)
        values = {"user_id": user_id, "since": since.timestamp(), **words}
        found: dict[str, Separation] = {}
        for job in await self._jobs(_separations(len(words)), values):
            if job.studio in {"", self._studio}:
                for task_id in job.separations:
                    found.setdefault(task_id, Separation(task_id, job.title, job.created_at))
        return list(found.values())[:MOST_OFFERED]

    async def separation(self, user_id: int, task_id: str) -> Separation | None:
        """A separation that a person had made or used, by its id."""
        found = await self.separations(user_id, task_id)
        return next((known for known in found if known.id == task_id.strip()), None)

    async def _jobs(self, wanted: sa.Select[Any], values: Mapping[str, Any]) -> list[Job]:
        found = await self._transactions.scalars(wanted, values, first=True)
        return [_decode(document) for document in found]


def _of(user_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return jobs.c.user_id == user_id, IS_SONG


def _songs_of(user_id: int) -> sa.Select[Any]:
    return (
        sa.select(jobs.c.document).where(*_of(user_id)).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    )


@cache
def _separations(words: int) -> sa.Select[Any]:
    """Asked at each key that somebody types, and at each command with an id: made once for each number of words."""
    searched = jobs.c.title + sa.literal(" ") + jobs.c.separations
    return (
        sa.select(jobs.c.document)
        .where(
            jobs.c.user_id == sa.bindparam("user_id"),
            HAS_SEPARATIONS,
            jobs.c.created_at > sa.bindparam("since"),
        )
        .where(*_holding(searched, words))
        .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        .limit(_LOOKED_THROUGH)
    )


def _holding(column: sa.ColumnElement[str], words: int) -> list[sa.ColumnElement[bool]]:
    """Whether a text holds each of so many words, whose values `_words` gives."""
    return [
        column.contains(sa.bindparam(f"word{place}", type_=sa.String), escape="/") for place in range(words)
    ]


def _words(typed: str) -> dict[str, str]:
    words = folded(typed[:_LONGEST_SEARCH]).split()
    return {f"word{place}": _ESCAPED.sub(r"/\g<0>", word) for place, word in enumerate(words)}
