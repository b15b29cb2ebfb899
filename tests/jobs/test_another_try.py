"""What another try of a song begins with, out of a real store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.errors import SongGoneError
from bot.jobs.admission import Asker
from bot.jobs.another_try import AnotherTry
from bot.jobs.desk import Desk
from bot.jobs.engines.opening import open_database
from bot.jobs.model import HERE, Job
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.store import Store
from bot.jobs.work.studios import Studios
from bot.kie.separation import LISTED, Separation
from tests.jobs.outside import Moments, Studio
from tests.jobs.replies import a_reply

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GIVEN = SongPart(Source.ATTACHMENT, "song.wav", "https://cdn.example/song.wav")
UPLOADED = replace(GIVEN, source=None, upload_url="https://studio.example/a")
GONE = replace(GIVEN, source=None)
ASKER, SOMEBODY = 7, 8

_numbers = count(1)


def separated(part: SongPart, task: str | None, *, is_done: bool = True) -> SongPart:
    return replace(part, separation=Task(NOON, task, is_done=is_done, listed_credits=10.0))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_database(None, tmp_path) as database:
        yield Store(database.transactions, database.queue, lambda: NOON)


STUDIOS = Studios(Studio(Moments()), prices=LISTED)


@pytest.fixture
def another(store: Store) -> AnotherTry:
    return AnotherTry(store, STUDIOS)


async def asked(
    store: Store, *parts: SongPart, user_id: int = ASKER, kind: Separation | None = None, studio: str = "kie"
) -> Job:
    """A job that is in the store."""
    timeout = timedelta(minutes=20)
    desk = Desk(
        store, callback_base=None, job_timeout=timeout, studio=studio, studios=STUDIOS, clock=lambda: NOON
    )
    reply = a_reply(NOON, next(_numbers), user_id)
    job = await desk.open(
        reply, "Night Drive", [GIVEN], None, asker=Asker(user_id=user_id), separation_type=kind
    )
    assert job is not None
    return await store.save(replace(job, parts=parts))


async def test_what_the_studio_has_is_not_sent_again(store: Store, another: AnotherTry) -> None:
    job = await asked(store, replace(UPLOADED, midi=Task(NOON, "midi")))
    assert await another.parts(job, ASKER) == [UPLOADED]


async def test_what_it_never_had_is_read_from_where_it_was_given(store: Store, another: AnotherTry) -> None:
    assert await another.parts(await asked(store, GIVEN), ASKER) == [GIVEN]


async def test_a_part_that_is_nowhere_any_more_ends_it(store: Store, another: AnotherTry) -> None:
    with pytest.raises(SongGoneError):
        await another.parts(await asked(store, UPLOADED, GONE), ASKER)


async def test_its_own_separation_counts_as_paid(store: Store, another: AnotherTry) -> None:
    [part] = await another.parts(await asked(store, separated(UPLOADED, "sep")), ASKER)
    assert part.separation == Task(NOON, "sep", is_done=True, is_of_before=True)


@pytest.mark.parametrize("own", [None, "unfinished"])
async def test_a_later_separation_of_the_same_sound_takes_the_place_of_one_that_came_to_nothing(
    store: Store, another: AnotherTry, own: str | None
) -> None:
    first = await asked(store, separated(UPLOADED, own, is_done=False))
    await asked(store, separated(replace(UPLOADED, upload_url="https://studio.example/b"), "of another song"))
    await asked(store, separated(UPLOADED, "later"))
    [part] = await another.parts(first, ASKER)
    assert part.separation is not None
    assert part.separation.id == "later"


async def test_its_own_separation_stays_although_a_later_one_is_done(
    store: Store, another: AnotherTry
) -> None:
    first = await asked(store, separated(UPLOADED, "own"))
    await asked(store, separated(UPLOADED, "later"))
    [part] = await another.parts(first, ASKER)
    assert part.separation is not None
    assert part.separation.id == "own"


async def test_a_separation_that_was_never_acknowledged_is_none(store: Store, another: AnotherTry) -> None:
    first = await asked(store, separated(UPLOADED, None, is_done=False))
    await asked(store, separated(UPLOADED, None, is_done=False))
    assert await another.parts(first, ASKER) == [UPLOADED]


async def test_without_studios_nothing_that_was_paid_for_is_looked_for(store: Store) -> None:
    first = await asked(store, UPLOADED)
    await asked(store, separated(UPLOADED, "later"))
    assert await AnotherTry(store).parts(first, ASKER) == [UPLOADED]


async def test_what_somebody_else_paid_for_meanwhile_is_not_taken(store: Store, another: AnotherTry) -> None:
    first = await asked(store, UPLOADED)
    await asked(store, separated(UPLOADED, "not mine"), user_id=SOMEBODY)
    [part] = await another.parts(first, ASKER)
    assert part.separation is None


async def test_another_kind_is_separated_anew_unless_it_was_by_now(store: Store, another: AnotherTry) -> None:
    first = await asked(store, separated(UPLOADED, "two"), kind=Separation.TWO_STEMS)
    assert await another.parts_anew(first, Separation.ALL_STEMS, ASKER) == [UPLOADED]
    await asked(store, separated(UPLOADED, "all"), kind=Separation.ALL_STEMS)
    [part] = await another.parts_anew(first, Separation.ALL_STEMS, ASKER)
    assert part.separation is not None
    assert part.separation.id == "all"


async def test_there_is_nothing_to_separate_of_a_song_whose_sound_is_gone(
    store: Store, another: AnotherTry
) -> None:
    with pytest.raises(SongGoneError):
        await another.parts_anew(await asked(store, separated(GONE, "sep")), Separation.ALL_STEMS, ASKER)


HAS_BOTH = replace(GIVEN, upload_url="https://studio.example/a", instrument="Drums", alternatives=("b",))


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        (HAS_BOTH, replace(HAS_BOTH, upload_url=None)),
        (
            separated(UPLOADED, "sep"),
            replace(UPLOADED, kind=Source.STUDIO, source=UPLOADED.upload_url, upload_url=None),
        ),
    ],
    ids=["from where it was given", "from where the other studio has it"],
)
async def test_the_studio_here_is_given_the_file_and_nothing_of_the_other_ones_work(
    store: Store, another: AnotherTry, part: SongPart, taken: SongPart
) -> None:
    here = await asked(store, part, studio=HERE)
    assert another.is_here(here)
    assert await another.parts(here, ASKER) == [taken]
    assert another.parts_here(await asked(store, part)) == [taken]


async def test_the_studio_here_cannot_hear_what_is_nowhere(store: Store, another: AnotherTry) -> None:
    with pytest.raises(SongGoneError):
        another.parts_here(await asked(store, GONE))


async def test_another_ones_sound_is_borrowed_and_ones_own_is_not(store: Store, another: AnotherTry) -> None:
    job = await asked(store, UPLOADED)
    assert [part.is_borrowed for part in await another.parts(job, SOMEBODY)] == [True]
    await asked(store, UPLOADED, user_id=SOMEBODY)
    assert [part.is_borrowed for part in await another.parts(job, SOMEBODY)] == [False]
    assert [part.is_borrowed for part in await another.parts(job, ASKER)] == [False]


async def test_ones_own_sound_stays_ones_own_after_many_songs(
    store: Store, another: AnotherTry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.another_try.RECENT", 2)
    job = await asked(store, UPLOADED)
    for _ in range(3):
        await asked(store, GIVEN)
    assert await another.parts(job, ASKER) == [UPLOADED]
