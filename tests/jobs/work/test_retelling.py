"""A finished song that becomes another: all of the change is kept, or none of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.errors import (
    HeardNoMoreError,
    NothingLeftError,
    PianolaError,
    SongGoneError,
    StillListeningError,
    StudioError,
    TaskLostError,
)
from bot.jobs.engines.opening import open_database
from bot.jobs.model import HERE, Job, State
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.work import retelling as module
from bot.jobs.work.retelling import Retelling
from bot.jobs.work.songs import Songs
from bot.jobs.work.studios import Studio, Studios
from bot.jobs.work.workshop import workshop
from bot.kie.payloads import MidiRecord, Progress
from bot.kie.strength import Strength
from bot.music.errors import EmptyExcerptError, OnlyDrumsError, PartAfterEndError
from bot.music.said import DRUMS
from bot.music.view.view import View
from tests.jobs.storage.test_store import NOON, NOW, a_job
from tests.music.payloads import body, note

USUAL = body([{"name": "Flute", "notes": [note()]}])
MORE = body([{"name": "Flute", "notes": [note(), note(62)]}])
NOTHING = body([])


class Hearing:
    """A studio that tells notes anew, after `before` was done."""

    def __init__(self, before: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
        self.before = before
        self.asked = 0
        self.is_emptied = False
        self.records = [MidiRecord(Progress.DONE, MORE)]
        """What it says of a task, one look after the other; the last one again and again."""

    async def generate_midi(self, task_id: str, **_wanted: object) -> str:
        self.asked += 1
        if self.before:
            await self.before()
        return task_id

    async def midi(self, _task_id: str) -> MidiRecord:
        if self.is_emptied:
            return MidiRecord(Progress.MISSING)
        return self.records.pop(0) if len(self.records) > 1 else self.records[0]


def _part(name: str) -> SongPart:
    heard = Task(sent_at=NOON, id=f"task of {name}", is_done=True)
    return SongPart(kind=Source.ADDRESS, name=name, source=None, separation=heard, midi=heard)


@asynccontextmanager
async def _told_by(studio: Hearing, folder: Path) -> AsyncIterator[tuple[Retelling, Store, Job]]:
    """Changes of one song of two parts."""
    async with open_database(None, folder) as opened, workshop() as music:
        store = Store(opened.transactions, opened.queue)
        job = a_job(parts=(_part("a.wav"), _part("b.wav")), studio=HERE)
        await store.add(job, NOW)
        for number in range(2):
            await store.keep_notes(job.id, number, USUAL)
        job = await store.save(job.moved(State.DONE, NOON))
        studios = Studios(cast("Studio", studio), is_here=True)
        yield Retelling(store, studios, Songs(store, music)), store, job


async def test_what_is_returned_is_what_is_kept(tmp_path: Path) -> None:
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        changed = await retelling.at_strength(job, Strength.MORE)
        assert changed == await store.get(job.id)
        assert changed.strength is Strength.MORE
        assert await store.notes(job.id) == {0: MORE, 1: MORE}


async def test_a_song_that_was_written_meanwhile_is_changed_as_it_is_then(tmp_path: Path) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, store, job):

        async def write_once() -> None:
            if studio.asked == 1:
                await store.amend(replace(job, message_id=99))

        studio.before = write_once
        changed = await retelling.at_strength(job, Strength.MORE)
        assert changed == await store.get(job.id)
        assert (changed.strength, changed.message_id) == (Strength.MORE, 99)


async def test_a_song_that_is_written_all_the_time_stays_as_it_is(tmp_path: Path) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, store, job):

        async def write() -> None:
            now = await store.get(job.id)
            assert now
            await store.amend(replace(now, message_id=studio.asked))

        studio.before = write
        with pytest.raises(PianolaError):
            await retelling.at_strength(job, Strength.MORE)
        kept = await store.get(job.id)
        assert kept
        assert kept.strength is Strength.USUAL
        assert await store.notes(job.id) == {0: USUAL, 1: USUAL}
        assert studio.asked < 20


async def test_what_is_taken_from_the_studio_meanwhile_is_heard_no_more(tmp_path: Path) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, store, job):
        studio.is_emptied = True
        with pytest.raises(HeardNoMoreError):
            await retelling.at_strength(job, Strength.MORE)
        assert await store.get(job.id) == job


async def test_all_parts_together_have_one_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    async with _told_by(Hearing(asyncio.Event().wait), tmp_path) as (retelling, store, job):
        with pytest.raises(StillListeningError):
            await retelling.at_strength(job, Strength.MORE)
        assert await store.get(job.id) == job
        assert await store.notes(job.id) == {0: USUAL, 1: USUAL}


async def test_what_the_studio_still_works_on_is_waited_for(tmp_path: Path) -> None:
    studio = Hearing()
    studio.records.insert(0, MidiRecord(Progress.PENDING))
    async with _told_by(studio, tmp_path) as (retelling, store, job):
        async with asyncio.timeout(10):
            await retelling.at_strength(job, Strength.MORE)
        assert await store.notes(job.id) == {0: MORE, 1: MORE}


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (MidiRecord(Progress.FAILED, MORE, error_code=500), StudioError),
        (MidiRecord(Progress.MISSING, MORE), HeardNoMoreError),
        (MidiRecord(Progress.DONE), TaskLostError),
        (MidiRecord(Progress.DONE, NOTHING), NothingLeftError),
    ],
)
async def test_what_the_studio_cannot_tell_changes_nothing(
    tmp_path: Path, record: MidiRecord, error: type[PianolaError]
) -> None:
    studio = Hearing()
    studio.records = [record]
    async with _told_by(studio, tmp_path) as (retelling, store, job):
        with pytest.raises(error):
            await retelling.at_strength(job, Strength.MORE)
        assert await store.get(job.id) == job
        assert await store.notes(job.id) == {0: USUAL, 1: USUAL}


@pytest.mark.parametrize("separation", [None, Task(sent_at=NOON)])
async def test_what_was_never_heard_alone_is_heard_no_more(tmp_path: Path, separation: Task | None) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, store, job):
        part = replace(job.parts[1], separation=separation)
        assert await store.amend(job.with_part(1, part))
        with pytest.raises(HeardNoMoreError):
            await retelling.at_strength(job, Strength.MORE)
        assert studio.asked == 1


@pytest.mark.parametrize("place", [-1, 2])
async def test_an_instrument_that_is_not_there_is_no_other(tmp_path: Path, place: int) -> None:
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        with pytest.raises(SongGoneError):
            await retelling.as_instrument(job, place, "Violin")
        assert await store.get(job.id) == job


async def test_one_instrument_is_told_without_hearing_it_again(tmp_path: Path) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, _store, job):
        changed = await retelling.as_instrument(job, 1, "Violin")
        assert ([one.instrument for one in changed.said], studio.asked) == (["Violin"], 0)


async def test_drums_are_heard_in_another_way(tmp_path: Path) -> None:
    studio = Hearing()
    async with _told_by(studio, tmp_path) as (retelling, store, job):
        changed = await retelling.as_instrument(job, 1, DRUMS)
        assert [part.instrument for part in changed.parts] == [None, DRUMS]
        assert await store.notes(job.id) == {0: USUAL, 1: MORE}


async def test_all_of_a_song_is_one_instrument(tmp_path: Path) -> None:
    async with _told_by(Hearing(), tmp_path) as (retelling, _store, job):
        changed = await retelling.as_instrument(job, None, "Violin")
        assert changed.parts[0].instrument == "Violin"


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (View(start_seconds=60.0), PartAfterEndError),
        (View(start_seconds=0.0, end_seconds=0.1), EmptyExcerptError),
    ],
)
async def test_a_part_in_which_nothing_is_shows_nothing_else(
    tmp_path: Path, view: View, error: type[PianolaError]
) -> None:
    late = body([{"name": "Flute", "notes": [note(start=1.0, end=2.0)]}])
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        for number in range(2):
            await store.keep_notes(job.id, number, late)
        with pytest.raises(error):
            await retelling.with_view(job, view)
        assert await store.get(job.id) == job


async def test_drums_alone_have_no_other_key(tmp_path: Path) -> None:
    drums = body([{"name": "Drums", "notes": [note(36)]}])
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        for number in range(2):
            await store.keep_notes(job.id, number, drums)
        with pytest.raises(OnlyDrumsError):
            await retelling.with_view(job, View(semitones=2))


async def test_of_a_song_without_notes_there_is_no_part(tmp_path: Path) -> None:
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        for number in range(2):
            await store.keep_notes(job.id, number, NOTHING)
        with pytest.raises(SongGoneError):
            await retelling.with_view(job, View(semitones=2))


async def test_a_song_that_was_deleted_is_gone(tmp_path: Path) -> None:
    async with _told_by(Hearing(), tmp_path) as (retelling, store, job):
        await store.forget(job.reply.user_id)
        with pytest.raises(SongGoneError):
            await retelling.with_view(job, View(semitones=2))


async def test_a_time_limit_of_something_else_is_not_taken_for_listening(tmp_path: Path) -> None:
    async def fail() -> None:
        raise TimeoutError("the database")

    async with _told_by(Hearing(fail), tmp_path) as (retelling, _store, job):
        with pytest.raises(TimeoutError):
            await retelling.at_strength(job, Strength.MORE)
