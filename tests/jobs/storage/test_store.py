"""The store's contract, on SQLite and on Postgres."""

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from bot.errors import from_code, template_of
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State, new_job_id
from bot.jobs.song_part import SongPart, Source
from bot.jobs.storage import store as module
from bot.jobs.storage.store import Store
from bot.jobs.storage.wakeups import StaleJobError
from bot.kie.payloads import Callback
from bot.language import ENGLISH, LOCALES, language_of
from tests.jobs.inbox import bodies
from tests.jobs.replies import a_reply
from tests.test_errors import TREE, names_in

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW = timedelta(0)
CALLBACK = Callback(None, succeeded=True, code=200, message="success", has_notes=False)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Announcements:
    """A queue that tells nobody; `announced` is what it would."""

    def __init__(self) -> None:
        self.announced: list[float] = []

    def announce(self, connection: sa.Connection, job_id: str, due_at: float) -> None:  # noqa: ARG002 (as queues are called)
        self.announced.append(due_at)

    def told_of(self, _connection: sa.Connection, _job_ids: Collection[str]) -> set[str]:
        return set()

    def nudge(self) -> None:
        """Nobody waits."""


def a_job(interaction_id: int = 1, user_id: int = 7, **changes: object) -> Job:
    reply = a_reply(NOON, interaction_id, user_id)
    job = Job(
        id=new_job_id(),
        state=State.RECEIVED,
        title="Night Drive",
        reply=reply,
        parts=(SongPart(kind=Source.ADDRESS, name="a.wav", source="https://example.com/a.wav"),),
        created_at=NOON,
        stage_since=NOON,
        deadline_at=NOON + timedelta(minutes=20),
        callback_secret="secret",
    )
    return replace(job, **changes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue() -> Announcements:
    return Announcements()


@pytest.fixture
async def store(
    database: dict[str, str], tmp_path: Path, clock: Clock, queue: Announcements
) -> AsyncIterator[Store]:
    async with open_database(database.get("database_url"), tmp_path) as opened:
        yield Store(opened.transactions, queue, clock)  # type: ignore[arg-type]  # nothing runs here


async def test_a_job_comes_back_as_it_was_kept(store: Store) -> None:
    job = a_job()
    assert await store.add(job, NOW)
    assert await store.get(job.id) == job
    assert await store.newest_of(7) == job


async def test_every_error_is_told_alike_when_it_is_read_back(store: Store) -> None:
    values: list[str | float] = ["a.wav", 1, 1.5, -3]
    wrong = []
    for number, kind in enumerate(TREE.values()):
        names = sorted(names_in(template_of(kind)))
        told = {name: values[(number + place) % len(values)] for place, name in enumerate(names)}
        error = from_code(kind.__name__, told)
        kept = a_job(number + 10, error_code=error.code, error_values=error.values)
        assert await store.add(kept, timedelta())
        read = await store.get(kept.id)
        again = read.error if read else None
        languages = [ENGLISH, *(language_of(locale) for locale in LOCALES)]
        if again is None or any(say.error(again) != say.error(error) for say in languages):
            wrong.append(kind.__name__)
    assert wrong == []


async def test_one_interaction_makes_one_job(store: Store) -> None:
    first, again = a_job(interaction_id=5), a_job(interaction_id=5)
    assert await store.add(first, NOW)
    assert not await store.add(again, NOW)
    assert await store.get(again.id) is None


async def test_of_two_writers_one_wins(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.save(job.moved(State.UPLOADING, NOON))
    with pytest.raises(StaleJobError):
        await store.save(job.moved(State.CANCELLED, NOON))
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.state is State.UPLOADING


async def test_two_writers_at_once_cannot_both_win(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    tries = [store.save(job.moved(state, NOON)) for state in (State.UPLOADING, State.TRANSCRIBING)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, StaleJobError) for outcome in outcomes) == 1


async def test_a_job_never_goes_back(store: Store) -> None:
    job = a_job(state=State.RENDERING)
    await store.add(job, NOW)
    with pytest.raises(StaleJobError):
        await store.save(replace(job, state=State.UPLOADING))


@pytest.mark.parametrize("end", [State.DONE, State.FAILED, State.CANCELLED])
async def test_an_end_is_final_and_takes_its_wake_up_along(store: Store, end: State) -> None:
    job = a_job()
    await store.add(job, NOW)
    ended = await store.save(job.moved(end, NOON))
    assert await store.wakeups.due_at(job.id) is None
    with pytest.raises(StaleJobError):
        await store.save(replace(ended, message_id=9))


async def test_a_song_that_was_only_kept_can_be_delivered_later(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    ended = await store.save(job.moved(State.DONE, NOON))
    assert await store.amend(replace(ended, message_id=9))
    kept = await store.get(job.id)
    assert kept is not None
    assert (kept.state, kept.message_id) == (State.DONE, 9)
    assert not await store.amend(replace(ended, message_id=10))
    assert await store.get(job.id) == kept


async def test_notes_are_written_with_the_job_or_not_at_all(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.keep_notes(job.id, 0, b"first")
    ended = await store.save(job.moved(State.DONE, NOON))
    assert await store.amend(replace(ended, notes=2), {0: b"second", 1: b"new"})
    assert await store.notes(job.id) == {0: b"second", 1: b"new"}
    assert not await store.amend(replace(ended, notes=3), {0: b"too late", 2: b"too late"})
    assert await store.notes(job.id) == {0: b"second", 1: b"new"}
    await store.delete(job.id)
    assert not await store.amend(replace(ended, revision=ended.revision + 1), {0: b"of nobody"})
    assert await store.notes(job.id) == {}


async def test_a_repeated_callback_changes_nothing(store: Store, clock: Clock) -> None:
    job = a_job()
    await store.add(job, NOW)
    assert await store.inbox.keep(job.id, 0, "midi", b"{}", CALLBACK)
    clock.now += timedelta(seconds=1)
    assert not await store.inbox.keep(job.id, 0, "midi", b"{}", CALLBACK)
    assert await store.inbox.keep(job.id, 0, "midi", b"{ }", CALLBACK)
    assert await bodies(store, job.id, 0, "midi") == [b"{}", b"{ }"]
    assert await bodies(store, job.id, 0, "separation") == []


async def test_the_loop_goes_on_while_notes_are_packed_and_unpacked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = a_job()
    await store.add(job, NOW)
    loop = asyncio.get_running_loop()

    def when_it_goes_on(work: Callable[..., bytes], *given: object) -> bytes:
        goes_on = threading.Event()
        loop.call_soon_threadsafe(goes_on.set)
        assert goes_on.wait(20), "the loop stands still"
        return work(*given)

    for name in ("compress", "decompress"):
        monkeypatch.setattr(zlib, name, partial(when_it_goes_on, getattr(zlib, name)))
    await store.keep_notes(job.id, 0, b"notes")
    assert await store.notes(job.id) == {0: b"notes"}


async def test_notes_are_kept_by_part(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.keep_notes(job.id, 0, b"first")
    await store.keep_notes(job.id, 1, b"second")
    await store.keep_notes(job.id, 0, b"better")
    assert await store.notes(job.id) == {0: b"better", 1: b"second"}


async def test_a_wake_up_is_due_at_its_time_and_gone_once_followed(store: Store, clock: Clock) -> None:
    job = a_job()
    await store.add(job, timedelta(seconds=5))
    due, next_in = await store.wakeups.due([], 10)
    assert (due, next_in) == ([], 5.0)
    clock.now += timedelta(seconds=5)
    ((job_id, due_at),), _ = await store.wakeups.due([], 10)
    assert job_id == job.id
    assert (await store.wakeups.due([job.id], 10))[0] == []
    await store.wakeups.looked(job.id, due_at)
    assert await store.wakeups.due([], 10) == ([], None)


async def test_a_wake_up_that_was_asked_for_meanwhile_stays(store: Store, clock: Clock) -> None:
    job = a_job()
    await store.add(job, NOW)
    ((_, due_at),), _ = await store.wakeups.due([], 10)
    clock.now += timedelta(seconds=1)
    await store.wakeups.wake(job.id)
    await store.wakeups.looked(job.id, due_at)
    assert await store.wakeups.due_at(job.id) == clock.now.timestamp()


async def test_failures_are_counted_and_wait_longer_each_time(store: Store, clock: Clock) -> None:
    job = a_job()
    await store.add(job, NOW)
    waits = []
    for count in (1, 2, 3):
        assert await store.wakeups.stumbled(job.id) == count
        waits.append(((await store.wakeups.due_at(job.id)) or 0) - clock.now.timestamp())
    assert waits == sorted(set(waits))


async def test_open_jobs_that_nobody_looks_at_are_found(store: Store, clock: Clock) -> None:
    forgotten, overdue, waiting, ended = (a_job(interaction_id=number) for number in range(4))
    for job in (forgotten, overdue, waiting, ended):
        await store.add(job, NOW)
    await store.wakeups.looked(forgotten.id, clock.now.timestamp())
    await store.save(ended.moved(State.DONE, NOON))
    clock.now += timedelta(minutes=5)
    await store.wakeups.wake(waiting.id)
    assert await store.wakeups.reconcile(timedelta(minutes=1)) == 2
    assert await store.wakeups.due_at(forgotten.id) == clock.now.timestamp()
    assert await store.wakeups.due_at(overdue.id) == clock.now.timestamp()


async def test_a_fact_takes_the_place_of_an_older_one(store: Store) -> None:
    assert await store.fact("commands") is None
    await store.keep_fact("commands", "old")
    await store.keep_fact("commands", "new")
    assert await store.fact("commands") == "new"


async def test_a_put_off_does_not_bury_a_wake_up_that_came_meanwhile(
    store: Store, clock: Clock, queue: Announcements
) -> None:
    job = a_job()
    await store.add(job, NOW)
    began = clock.now = clock.now + timedelta(seconds=1)
    clock.now += timedelta(seconds=1)
    await store.inbox.keep(job.id, 0, "midi", b"{}", CALLBACK)
    arrived = clock.now.timestamp()
    assert queue.announced == [NOON.timestamp(), arrived]
    await store.save(job, wake_in=timedelta(minutes=1), unless_woken_since=began)
    assert await store.wakeups.due_at(job.id) == arrived
    assert queue.announced == [NOON.timestamp(), arrived], "what was not put off is not told of"


async def test_a_put_off_that_is_the_last_word_is_told_of(
    store: Store, clock: Clock, queue: Announcements
) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.save(job, wake_in=timedelta(minutes=1), unless_woken_since=clock.now)
    later = (NOON + timedelta(minutes=1)).timestamp()
    assert await store.wakeups.due_at(job.id) == later
    assert queue.announced == [NOON.timestamp(), later]


async def test_what_was_asked_for_is_counted_for_its_asker_and_for_the_server(store: Store) -> None:
    await store.add(a_job(1, user_id=7), NOW, of_server=3)
    await store.add(a_job(2, user_id=7, created_at=NOON + timedelta(hours=1)), NOW)
    await store.add(a_job(3, user_id=8), NOW, of_server=3)
    day_before = NOON - timedelta(hours=1)
    assert await store.opened_since(day_before, user_id=7) == [NOON, NOON + timedelta(hours=1)]
    assert await store.opened_since(day_before, guild_id=3) == [NOON, NOON]
    assert await store.opened_since(day_before, user_id=7, guild_id=3) == [NOON]
    assert await store.opened_since(NOON, user_id=7) == [NOON + timedelta(hours=1)]
    assert await store.opened_since(day_before, user_id=9) == []


@pytest.mark.parametrize("end", [State.DONE, State.FAILED, State.CANCELLED])
async def test_only_what_ended_without_a_result_counts_for_nothing(store: Store, end: State) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.save(job.moved(end, NOON))
    counted = await store.opened_since(NOON - timedelta(hours=1), user_id=7)
    assert counted == ([NOON] if end is State.DONE else [])


async def test_a_song_that_is_deleted_counts_until_a_day_is_over(store: Store, clock: Clock) -> None:
    job = a_job()
    await store.add(job, NOW)
    assert len(await store.forget(7)) == 1
    clock.now += timedelta(hours=23)
    await store.sweep(timedelta(days=14))
    assert await store.opened_since(NOON - timedelta(days=9), user_id=7) == [NOON]
    clock.now += timedelta(hours=2)
    await store.sweep(timedelta(days=14))
    assert await store.opened_since(NOON - timedelta(days=9), user_id=7) == []


async def test_nothing_is_added_to_a_job_that_was_deleted(store: Store) -> None:
    job = a_job()
    await store.add(job, NOW)
    await store.forget(7)
    # A step and a callback were under way.
    await store.keep_notes(job.id, 0, b"{}")
    assert not await store.inbox.keep(job.id, 0, "midi", b"{}", CALLBACK)
    assert await store.notes(job.id) == {}
    assert await bodies(store, job.id, 0, "midi") == []
    assert await store.wakeups.due_at(job.id) is None


async def test_what_is_deleted_goes_with_all_that_is_added_at_the_same_time(store: Store) -> None:
    for number in range(10):
        job = a_job(interaction_id=number)
        await store.add(job, NOW)
        added = [store.keep_notes(job.id, part, b"{}") for part in range(3)]
        await asyncio.gather(
            *added, store.delete(job.id), store.inbox.keep(job.id, 0, "midi", b"{}", CALLBACK)
        )
        assert await store.notes(job.id) == {}
        assert await bodies(store, job.id, 0, "midi") == []


async def test_one_job_pays_for_one_thing_until_its_separation_is_done(store: Store) -> None:
    first, again, other = a_job(1), a_job(2), a_job(3)
    assert await store.add(first, NOW, pays_for="a")
    assert not await store.add(again, NOW, pays_for="a")
    assert await store.add(other, NOW, pays_for="b")
    await store.save(first.moved(State.TRANSCRIBING, NOON))
    assert await store.add(again, NOW, pays_for="a")
    await store.save(again.moved(State.CANCELLED, NOON))
    assert await store.add(a_job(4), NOW, pays_for="a")


async def test_any_number_of_songs_is_deleted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DELETED_AT_ONCE", 2)
    for number in range(6):
        await store.add(a_job(number, user_id=7 + number % 2), NOW)
    assert len(await store.forget(7)) == 3
    assert await store.newest_of(7) is None
    assert await store.newest_of(8) is not None


async def test_jobs_go_on_where_the_clock_was_set_back(store: Store, clock: Clock) -> None:
    waiting, held = a_job(1), a_job(2)
    await store.add(waiting, NOW)
    await store.add(held, NOW)
    await store.save(held, wake_in=timedelta(minutes=15))
    clock.now -= timedelta(minutes=30)
    assert await store.wakeups.reconcile(timedelta(seconds=60)) == 0
    clock.now -= timedelta(minutes=90)
    assert await store.wakeups.reconcile(timedelta(seconds=60)) == 2
    due, _ = await store.wakeups.due((), 10)
    assert {job_id for job_id, _ in due} == {waiting.id, held.id}


async def test_what_could_not_be_posted_is_counted_among_the_newest_songs(store: Store) -> None:
    times = [NOON + timedelta(minutes=number) for number in range(51)]
    songs = [a_job(number, state=State.DONE, created_at=at) for number, at in enumerate(times)]
    await asyncio.gather(*(store.add(song, NOW) for song in songs))
    assert await store.undelivered(7) == 50
