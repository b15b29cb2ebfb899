"""The studio of a job: the usual one or the built-in one beside it, what it costs, and what it is to forget."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from bot.errors import TaskLostError
from bot.jobs.model import HERE, KIE, Job
from bot.jobs.song_part import Music, SongPart, Source, Task
from bot.jobs.work.learning import Learning
from bot.jobs.work.studios import Studios
from bot.kie.errors import BusyError
from bot.kie.separation import LISTED
from tests.jobs.outside import Moments, Studio
from tests.jobs.storage.test_store import NOON, a_job

DONE = Task(sent_at=NOON, id="separation-1", is_done=True)
SENT = SongPart(Source.ADDRESS, "a.wav", None, upload_url="https://studio.example.com/a.wav")


class Forgetful(Studio):
    """Remembers what it was told to forget, call by call; the first calls may fail."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(Moments())
        self.failures = failures
        self.asked: list[int] = []

    async def forget(
        self, urls: Sequence[str], task_ids: Sequence[str], notes_of: Sequence[str] = ()
    ) -> None:
        self.asked.append(len(urls) + len(task_ids) + len(notes_of))
        self.failures -= 1
        if self.failures >= 0:
            raise BusyError


class BesideIt:
    """The built-in studio beside another one."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.started: Any = None

    async def __call__(self) -> Any:
        self.started = self.studio
        return self.studio


def at(studio: str, *parts: SongPart) -> Job:
    return a_job(studio=studio, parts=parts or (SENT,))


async def test_a_job_is_done_by_the_studio_that_it_names() -> None:
    usual, here = Studio(Moments()), Studio(Moments())
    studios = Studios(usual, here=BesideIt(here))
    assert await studios.of(at(KIE)) is usual
    assert await studios.of(at(HERE)) is here
    assert await Studios(usual, is_here=True).of(at(HERE)) is usual


async def test_where_no_studio_is_installed_what_it_was_to_do_is_lost() -> None:
    with pytest.raises(TaskLostError):
        await Studios(Studio(Moments())).of(at(HERE))


async def test_much_is_forgotten_a_few_hundred_at_a_time_whatever_becomes_of_one_call() -> None:
    studio = Forgetful(failures=1)
    await Studios(studio, is_here=True).forget_uploads([f"https://a.example.com/{n}" for n in range(450)])
    assert studio.asked == [200, 200, 50]


async def test_a_studio_that_was_never_started_has_nothing_to_forget() -> None:
    beside = BesideIt(here := Forgetful())
    studios = Studios(Studio(Moments()), here=beside)
    await studios.forget_uploads(["https://a.example.com/1"])
    await Studios(Studio(Moments())).forget_uploads(["https://a.example.com/1"])
    assert here.asked == []
    await beside()
    await studios.forget_uploads(["https://a.example.com/1"])
    assert here.asked == [1]


async def test_a_company_is_asked_to_forget_nothing() -> None:
    studio = Forgetful()
    await Studios(studio).forget([at(KIE)])
    assert studio.asked == []


def test_only_what_has_its_price_is_paid_for() -> None:
    kie = Studios(Studio(Moments()), prices=LISTED)
    assert kie.price_for(at(KIE))
    assert kie.price_for(at(HERE)) is None
    assert Studios(Studio(Moments())).price_for(at(KIE)) is None


def test_what_is_about_to_be_paid_for_is_told_apart_by_its_audio() -> None:
    kie = Studios(Studio(Moments()), prices=LISTED)
    paid = kie.pays_for(at(KIE))
    assert paid
    assert paid == kie.pays_for(at(KIE))
    assert paid != kie.pays_for(at(KIE, replace(SENT, upload_url="https://studio.example.com/b.wav")))
    assert kie.pays_for(at(KIE, replace(SENT, separation=DONE))) is None
    assert kie.pays_for(at(KIE, replace(SENT, upload_url=None))) is None
    assert kie.pays_for(at(HERE)) is None


class Counted:
    """Stands in for what is counted of separations."""

    def counting(self, _kind: object, *, gave_notes: bool) -> str:
        return "with" if gave_notes else "without"


ALL, ONE_STEM = replace(SENT, separation=DONE), replace(SENT, separation=DONE, audio_id="stem-1")
OF_BEFORE = replace(SENT, separation=replace(DONE, is_of_before=True))


@pytest.mark.parametrize(
    ("parts", "gave_notes", "counted"),
    [
        ((ALL,), True, "with"),
        ((ALL,), False, "without"),
        ((ONE_STEM,), True, "with"),
        ((ONE_STEM,), False, None),
        ((ALL, ONE_STEM), False, None),
        ((OF_BEFORE,), False, None),
        ((SENT,), False, None),
        ((replace(ALL, kind=Source.TASK),), True, None),
        ((replace(ALL, kind=Source.TASK, music=Music("an-id", ())),), True, "with"),
        ((replace(ALL, is_score=True),), True, None),
    ],
)
def test_a_song_counts_for_what_it_was_taken_apart_into(
    parts: tuple[SongPart, ...], gave_notes: bool, counted: str | None
) -> None:
    outcomes: Any = Counted()
    learning = Learning(outcomes, Studios(Studio(Moments()), prices=LISTED))
    learned: Any = learning.of(at(KIE, *parts), gave_notes=gave_notes)
    assert learned == counted


def test_what_is_free_or_counted_nowhere_teaches_nothing() -> None:
    outcomes: Any = Counted()
    assert Learning(outcomes, Studios(Studio(Moments()))).of(at(KIE, ALL), gave_notes=True) is None
    kie = Studios(Studio(Moments()), prices=LISTED)
    assert Learning(outcomes, kie).of(at(HERE, ALL), gave_notes=True) is None
    assert Learning(None, kie).of(at(KIE, ALL), gave_notes=True) is None
