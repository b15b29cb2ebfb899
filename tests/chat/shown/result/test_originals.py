"""The recordings that songs were made of: for how long they are offered, and how many are fetched at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import pytest
from msgspec.structs import replace

from bot.audio.fetch import Download, Fetcher
from bot.chat.shown.result.originals import Originals
from bot.jobs.model import HERE, KIE, Job
from bot.jobs.song_part import SongPart, Source
from bot.jobs.work.studios import Studio, Studios
from bot.rounds import Whose
from bot.sound.errors import SoundGoneError
from tests.chat.conftest import NOON, a_job

HOUR = timedelta(hours=1)


def _originals(passed: timedelta, *, is_here: bool) -> Originals:
    return Originals(
        Fetcher(),
        Studios(cast("Studio", None), is_here=is_here),
        keep_for=3 * HOUR,
        max_mb=1,
        clock=lambda: NOON + passed,
    )


def _job(studio: str = HERE, files: int = 1, url: str | None = "http://127.0.0.1:1/files/x/y.wav") -> Job:
    part = SongPart(Source.ATTACHMENT, "y.wav", None, upload_url=url)
    return replace(a_job(studio=studio, parts=(part,) * files), created_at=NOON)


@pytest.mark.parametrize(
    ("job", "is_here", "hours", "has"),
    [
        (_job(), True, 2.9, True),
        (_job(), True, 3, False),
        (_job(KIE), False, 23, True),
        (_job(KIE), False, 24, False),
        (_job(files=2), True, 0, False),
        (_job(url=None), True, 0, False),
    ],
)
async def test_one_is_offered_while_its_studio_keeps_it(
    job: Job, is_here: bool, hours: float, has: bool
) -> None:
    assert await _originals(hours * HOUR, is_here=is_here).has(job) is has


async def test_what_cannot_be_fetched_is_gone() -> None:
    with pytest.raises(SoundGoneError) as error:
        async with _originals(HOUR, is_here=False).read(_job(KIE), wanted_by=Whose(1)):
            pass
    assert error.value.sentence == "The recording of this song is no longer here: it is kept for 24 hours."


class _Stalled(Fetcher):
    """Of a host that takes requests and sends nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: asyncio.Queue[str] = asyncio.Queue()

    @asynccontextmanager
    async def fetch(
        self, address: str, *, max_bytes: int, name: str | None = None
    ) -> AsyncIterator[Download]:
        self.asked.put_nowait(address)
        await asyncio.Event().wait()
        raise AssertionError(max_bytes, name)
        yield


async def test_two_are_on_disk_at_a_time() -> None:
    fetcher = _Stalled()
    originals = Originals(fetcher, Studios(cast("Studio", None)), keep_for=HOUR, max_mb=1, clock=lambda: NOON)

    async def read(person: int) -> None:
        async with originals.read(_job(KIE), wanted_by=Whose(person)):
            pass

    async with asyncio.TaskGroup() as people:
        waiting = [people.create_task(read(person)) for person in range(3)]
        for _ in range(2):
            await fetcher.asked.get()
        assert fetcher.asked.empty()
        waiting[0].cancel()
        await fetcher.asked.get()
        for one in waiting[1:]:
            one.cancel()
