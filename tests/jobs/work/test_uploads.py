"""What people give, on its way to the studio: who waits for whom, and for how long."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

import pytest
from msgspec.structs import replace

from bot.errors import JobTimeoutError
from bot.jobs.model import Job, State
from bot.jobs.song_part import SongPart, Source
from bot.jobs.work.outside import Audio
from bot.jobs.work.studios import Studios
from bot.jobs.work.uploads import Uploads
from bot.music.errors import MidiAmongFilesError
from tests.jobs.replies import a_reply


def utc_now() -> datetime:
    return datetime.now(UTC)


def job_of(user_id: int, *names: str, guild_id: int | None = None, seconds: float = 60.0) -> Job:
    now = utc_now()
    reply = a_reply(now, user_id=user_id, guild_id=guild_id)
    return Job(
        id=f"job-of-{user_id}",
        state=State.UPLOADING,
        reply=reply,
        title="song",
        parts=tuple(SongPart(Source.ADDRESS, name, f"https://example.com/{name}") for name in names),
        created_at=now,
        stage_since=now,
        deadline_at=now + timedelta(seconds=seconds),
        callback_secret="example-callback-path",
        studio="builtin",
    )


@dataclass
class Outside:
    """Sources, a studio and a store. Whoever is in `slow` is read for as long as a test likes."""

    slow: set[str] = field(default_factory=set)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    reading: list[str] = field(default_factory=list)
    read_at_once: int = 0
    sending: int = 0
    sent_at_once: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    given: Audio | None = None
    """What every file turns out to be, where not what it is called."""
    scores: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def read(self, part: SongPart) -> AsyncIterator[Audio]:
        self.reading.append(part.name)
        self.read_at_once = max(self.read_at_once, len(self.reading) - self.sending)
        try:
            if part.name in self.slow:
                await self.opened.wait()
            if self.given:
                self.given.file.seek(0)
            yield self.given or Audio(part.name, "audio/wav", io.BytesIO(b"RIFF"))
        finally:
            self.reading.remove(part.name)

    async def upload(self, data: BinaryIO, *, name: str, folder: str) -> str:
        assert data.read() == b"RIFF"
        self.sending += 1
        self.sent_at_once = max(self.sent_at_once, self.sending)
        await asyncio.sleep(0)
        self.sending -= 1
        self.sent.append((name, folder))
        return f"https://studio.example.com/{name}"

    async def keep_score(self, _job: Job, midi: bytes) -> None:
        self.scores.append(midi)

    async def save(self, job: Job, **_: Any) -> Job:
        return job

    def uploads(self, *, is_here: bool = True) -> Uploads:
        studios = Studios(cast(Any, self), is_here=is_here)
        return Uploads(cast(Any, self), studios, self, cast(Any, self), clock=utc_now)


@pytest.fixture
def outside() -> Outside:
    return Outside()


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_slow_links_hold_up_nobody_else(outside: Outside) -> None:
    outside.slow = {f"slow-{number}" for number in range(4)}
    sending = outside.uploads()
    waiting = [asyncio.create_task(sending.send(job_of(n, f"slow-{n}")), name=f"{n}") for n in range(4)]
    await settle()
    job, _ = await sending.send(job_of(9, "quick.wav"))
    assert job.parts[0].upload_url
    outside.opened.set()
    await asyncio.gather(*waiting)
    assert len(outside.sent) == 5


async def test_one_person_reads_one_file_at_a_time(outside: Outside) -> None:
    outside.slow = {"slow"}
    sending = outside.uploads()
    waiting = [asyncio.create_task(sending.send(job_of(1, "slow")), name=f"{n}") for n in range(8)]
    await settle()
    assert outside.reading == ["slow"]
    await sending.send(job_of(2, "other"))
    outside.opened.set()
    await asyncio.gather(*waiting)


async def test_only_a_few_are_read_and_sent_at_once(outside: Outside) -> None:
    outside.slow = {"slow"}
    sending = outside.uploads()
    waiting = [asyncio.create_task(sending.send(job_of(n, "slow")), name=f"{n}") for n in range(20)]
    await settle()
    outside.opened.set()
    await asyncio.gather(*waiting)
    assert (outside.read_at_once, outside.sent_at_once) == (6, 2)


async def test_the_deadline_ends_reading(outside: Outside) -> None:
    outside.slow = {"slow"}
    with pytest.raises(JobTimeoutError):
        await outside.uploads().send(job_of(1, "slow", seconds=0.05))
    assert outside.reading == []


async def test_the_deadline_ends_waiting_for_a_place(outside: Outside) -> None:
    outside.slow = {"slow"}
    sending = outside.uploads()
    first = asyncio.create_task(sending.send(job_of(1, "slow")), name="first")
    await settle()
    with pytest.raises(JobTimeoutError):
        await sending.send(job_of(1, "next", seconds=0.05))
    outside.opened.set()
    await first
    await sending.send(job_of(1, "and after"))


async def test_a_studio_of_ours_can_tell_people_apart_and_kie_cannot(outside: Outside) -> None:
    sending = outside.uploads()
    for job in (
        job_of(1, "a", guild_id=7),
        job_of(1, "b", guild_id=7),
        job_of(2, "c", guild_id=7),
        job_of(1, "d"),
    ):
        await sending.send(job)
    first, second, third, fourth = (folder.split("/") for _, folder in outside.sent)
    assert first == second
    assert first[:2] == third[:2]
    assert first[2] != third[2]
    assert first[1] != fourth[1]
    assert "1" not in first[1:]
    outside.sent.clear()
    await outside.uploads(is_here=False).send(replace(job_of(1, "a"), studio="kie"))
    assert outside.sent[0][1] == "pianola"


@pytest.mark.parametrize(
    ("names", "is_spoiler", "title"),
    [(("a",), False, "By its tag"), (("a", "b"), False, "song"), (("a",), True, "song")],
)
async def test_a_song_is_called_by_the_tags_of_its_only_file_unless_it_is_hidden(
    outside: Outside, names: tuple[str, ...], is_spoiler: bool, title: str
) -> None:
    outside.given = Audio("a.wav", "audio/wav", io.BytesIO(b"RIFF"), title="By its tag", cover=b"JPEG")
    job = job_of(1, *names)
    job = replace(
        job, parts=tuple(replace(part, is_spoiler=is_spoiler) for part in job.parts[:1]) + job.parts[1:]
    )
    sent, _ = await outside.uploads().send(job)
    assert sent.title == title
    assert sent.parts[0].cover == (b"JPEG" if title != "song" else b"")


async def test_what_the_studio_has_is_not_sent_again(outside: Outside) -> None:
    job = job_of(1, "a", "b")
    job = job.with_part(0, replace(job.parts[0], upload_url="https://studio.example.com/a"))
    await outside.uploads().send(job)
    assert [name.partition("_-_")[0] for name, _ in outside.sent] == ["job-of-1-1"]


async def test_a_file_that_turns_out_to_be_midi_is_kept_as_notes(outside: Outside) -> None:
    outside.given = Audio("a.mid", "audio/midi", io.BytesIO(b"MThd"))
    sent, is_score = await outside.uploads().send(job_of(1, "a"))
    assert (is_score, sent.parts[0].is_score, outside.scores, outside.sent) == (True, True, [b"MThd"], [])


async def test_midi_is_no_stem_among_others(outside: Outside) -> None:
    outside.given = Audio("a.mid", "audio/midi", io.BytesIO(b"MThd"))
    with pytest.raises(MidiAmongFilesError):
        await outside.uploads().send(job_of(1, "a", "b"))
    assert (outside.scores, outside.sent) == ([], [])
