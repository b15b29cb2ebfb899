"""What is kept of a person, on SQLite and on Postgres: pages, search, separations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.song_part import Music, SongPart, Source, Task
from bot.jobs.storage.kept_songs import MOST_OFFERED, KeptSongs
from bot.jobs.storage.store import Store
from bot.kie.stems import Stem
from tests.jobs.storage.test_store import NOON, NOW, Announcements, Clock, a_job

ME, SOMEBODY = 7, 8
KEPT = timedelta(days=14)


@dataclass(slots=True)
class Kept:
    """A database with what is kept of people, and how songs come in."""

    store: Store
    kept_songs: KeptSongs
    count: int = 0

    async def add(self, title: str = "Night Drive", state: State = State.DONE, **changes: Any) -> Job:
        """A job, asked for a minute after the one before."""
        self.count += 1
        at = NOON + timedelta(minutes=self.count)
        job = a_job(self.count, changes.pop("user_id", ME), title=title, created_at=at, studio="kie")
        job = replace(job, **changes)
        await self.store.add(job, NOW)
        return job if state is job.state else await self.store.save(job.moved(state, at))

    async def titles(self, typed: str) -> list[str]:
        return [job.title for job in await self.kept_songs.search(ME, typed)]

    async def offered(self, typed: str = "") -> list[tuple[str, str]]:
        return [(found.id, found.title) for found in await self.kept_songs.separations(ME, typed)]


@pytest.fixture
async def kept(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Kept]:
    clock = Clock()
    async with open_database(database.get("database_url"), tmp_path) as opened:
        store = Store(opened.transactions, Announcements(), clock)  # type: ignore[arg-type]  # nothing runs here
        yield Kept(store, KeptSongs(opened.transactions, studio="kie", keep_for=KEPT, clock=clock))


def made(task_id: str) -> SongPart:
    """A part whose separation was made for it."""
    return SongPart(Source.ATTACHMENT, "a.wav", None, separation=Task(sent_at=NOON, id=task_id, is_done=True))


def given(task_id: str, midi: Task | None) -> SongPart:
    """A part that was given as a separation."""
    separation = Task(sent_at=NOON, id=task_id, is_done=True)
    return SongPart(Source.TASK, "song", None, separation=separation, midi=midi)


async def test_nobody_has_no_songs_on_one_page(kept: Kept) -> None:
    page = await kept.kept_songs.page(ME, 0)
    assert (page.songs, page.number, page.pages) == ((), 0, 1)


async def test_pages_hold_ten_songs_each_the_newest_first(kept: Kept) -> None:
    for number in range(23):
        await kept.add(str(number))
    pages = [await kept.kept_songs.page(ME, number) for number in range(3)]
    assert [[int(job.title) for job in page.songs] for page in pages] == [
        [*range(22, 12, -1)],
        [*range(12, 2, -1)],
        [2, 1, 0],
    ]
    assert {page.pages for page in pages} == {3}


@pytest.mark.parametrize(("asked", "shown"), [(-1, 0), (1, 1), (99, 1)])
async def test_beyond_the_ends_the_nearest_page_is_shown(kept: Kept, asked: int, shown: int) -> None:
    for number in range(11):
        await kept.add(str(number))
    assert (await kept.kept_songs.page(ME, asked)).number == shown


async def test_ten_songs_are_one_page(kept: Kept) -> None:
    for number in range(10):
        await kept.add(str(number))
    assert (await kept.kept_songs.page(ME, 0)).pages == 1


async def test_only_songs_of_ones_own_that_ended_well_are_shown(kept: Kept) -> None:
    mine = await kept.add("mine")
    await kept.add(
        "somebody's", user_id=SOMEBODY, reply=replace(mine.reply, user_id=SOMEBODY, interaction_id=99)
    )
    for state in State:
        await kept.add(state.value, state)
    assert [job.title for job in (await kept.kept_songs.page(ME, 0)).songs] == ["done", "delivering", "mine"]
    assert await kept.titles("") == ["done", "delivering", "mine"]


async def test_a_song_is_found_among_hundreds(kept: Kept) -> None:
    await kept.add("The very first")
    for number in range(250):
        await kept.add(f"Another {number}")
    assert await kept.titles("first") == ["The very first"]
    assert len(await kept.titles("another")) == MOST_OFFERED
    assert (await kept.titles(""))[0] == "Another 249"


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Über den Wolken", "über"),
        ("ÉTÉ", "été"),
        ("Straße", "STRASSE"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Ночь", "НОЧЬ"),
        ("Cafe\u0301", "café"),
        ("ＦＵＬＬ", "full"),
        ("夜に駆ける", "駆け"),
        ("100% _live_", "100% _l"),
        ("back\\slash", "k\\s"),
        ("Night Drive (live)", "live NIGHT"),
        ("nul\0l", "null"),
        ("Night Drive", "   "),
    ],
)
async def test_titles_are_found_in_any_case_and_script(kept: Kept, title: str, typed: str) -> None:
    await kept.add(title)
    assert await kept.titles(typed) == [title]


@pytest.mark.parametrize("typed", ["%", "_", "night day", "\0x", "x" * 5000])
async def test_what_is_not_in_a_title_is_not_found(kept: Kept, typed: str) -> None:
    await kept.add("Night Drive")
    assert await kept.titles(typed) == []


async def test_a_song_is_kept_for_the_days_of_the_settings_from_its_end(kept: Kept) -> None:
    job = await kept.add()
    assert kept.kept_songs.kept_until(job) == (job.finished_at or NOON) + KEPT


@pytest.mark.parametrize(
    ("keep_for", "age", "is_soon"),
    [(14, 10.9, False), (14, 11.1, True), (2, 1.9, False)],
    ids=["more than a weekend left", "less", "it never has more"],
)
def test_who_should_get_a_song_now_is_told_so(keep_for: int, age: float, is_soon: bool) -> None:
    clock, unused = Clock(), cast("Any", None)
    songs = KeptSongs(unused, studio="kie", keep_for=timedelta(days=keep_for), clock=clock)
    clock.now += timedelta(days=age)
    assert songs.is_going_soon(a_job(state=State.DONE, finished_at=NOON)) is is_soon


async def test_what_is_typed_without_end_is_looked_for_by_its_beginning(kept: Kept) -> None:
    await kept.add("a" * 100)
    assert await kept.titles("a" * 100 + " and on, and on") == ["a" * 100]


async def test_what_was_deleted_is_found_no_more(kept: Kept) -> None:
    job = await kept.add(parts=(made("sep-1"),))
    await kept.store.forget(ME)
    assert (await kept.kept_songs.page(ME, 0)).songs == ()
    assert await kept.titles(job.title) == []
    assert await kept.offered() == []


async def test_separations_are_offered_the_newest_first_and_once(kept: Kept) -> None:
    await kept.add("first", parts=(made("sep-1"),))
    await kept.add("stems", parts=(made("sep-2"), made("sep-3")))
    await kept.add("again", parts=(given("sep-1", Task(sent_at=NOON, id="midi-1")),))
    assert await kept.offered() == [("sep-1", "again"), ("sep-2", "stems"), ("sep-3", "stems")]


async def test_a_separation_outlives_the_failure_of_its_job(kept: Kept) -> None:
    await kept.add(state=State.FAILED, parts=(made("sep-1"),))
    assert await kept.offered() == [("sep-1", "Night Drive")]


@pytest.mark.parametrize(
    "known",
    [
        {"stems": (Stem("stem-1", "vocals", "https://studio.example/a.mp3"),)},
        {"music": Music("music-1", ())},
        {"midi": Task(sent_at=NOON, id="midi-1")},
    ],
)
async def test_a_separation_that_was_found_is_offered_though_its_job_failed(
    kept: Kept, known: dict[str, Any]
) -> None:
    await kept.add(state=State.FAILED, parts=(replace(given("sep-1", None), **known),))
    assert await kept.offered() == [("sep-1", "Night Drive")]


async def test_what_was_never_a_separation_is_not_offered(kept: Kept) -> None:
    unfinished = replace(made("sep-1"), separation=Task(sent_at=NOON, id="sep-1"))
    await kept.add(state=State.FAILED, parts=(unfinished,))
    await kept.add(state=State.FAILED, parts=(given("mistyped", None),))
    await kept.add(state=State.FAILED, parts=(given("refused", Task(sent_at=NOON)),))
    assert await kept.offered() == []


async def test_separations_of_others_of_other_studios_and_of_long_ago_are_not_offered(kept: Kept) -> None:
    mine = await kept.add(studio="builtin", parts=(made("there"),))
    await kept.add(created_at=NOON - timedelta(days=15), parts=(made("old"),))
    await kept.add(reply=replace(mine.reply, user_id=SOMEBODY, interaction_id=99), parts=(made("theirs"),))
    assert await kept.offered() == []


@pytest.mark.parametrize("typed", ["NIGHT", "Sep-1", "drive sep", ""])
async def test_separations_are_found_by_title_and_by_id(kept: Kept, typed: str) -> None:
    await kept.add("another", parts=(made("x"),))
    await kept.add(parts=(made("SEP-1"),))
    assert ("SEP-1", "Night Drive") in await kept.offered(typed)
    assert await kept.offered("another") == [("x", "another")]


async def test_a_separation_is_known_by_its_whole_id_to_who_had_it_made(kept: Kept) -> None:
    await kept.add(parts=(made("Sep-1"),))
    await kept.add("other", parts=(made("sep-1"),))
    known = await kept.kept_songs.separation(ME, " Sep-1 ")
    assert known is not None
    assert known.title == "Night Drive"
    assert await kept.kept_songs.separation(ME, "Sep") is None
    assert await kept.kept_songs.separation(SOMEBODY, "Sep-1") is None


async def test_no_more_separations_than_fit_are_offered(kept: Kept) -> None:
    for number in range(30):
        await kept.add(parts=(made(f"sep-{number}"),))
    assert [task_id for task_id, _ in await kept.offered()] == [f"sep-{n}" for n in range(29, 4, -1)]
