"""The status: how often the studio is asked, and how it reads."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.shown.pianola import status
from bot.chat.shown.pianola.status import Status, Watch
from bot.clock import utc_now
from bot.findings import Finding, Grade
from bot.jobs.engines.opening import open_database
from bot.jobs.storage.day import take_day
from bot.jobs.storage.estimates import Estimate, Estimates
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.store import Store
from bot.kie.errors import NoCreditsError
from bot.language import ENGLISH
from tests.chat.conftest import a_job

FINE = Finding(Grade.FINE, "all is well")


class Studio:
    """Answers, and counts how often it was asked; `is_silent`, never."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_silent = False

    async def __call__(self) -> Finding:
        self.asked += 1
        if self.is_silent:
            await asyncio.Event().wait()
        return FINE


class Time:
    """A monotonic clock that only a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def nothing_else() -> AsyncIterator[Finding]:
    for finding in (FINE,):
        yield finding


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def watch(tmp_path: Path, studio: Studio, time: Time) -> AsyncIterator[Watch]:
    async with open_database(None, tmp_path) as opened:
        store = Store(opened.transactions, opened.queue)
        estimates = Estimates(opened.transactions)
        yield Watch(
            store,
            estimates,
            "kie",
            notices=Notices(store),
            day=lambda: take_day(opened.transactions, utc_now()),
            studio=studio,
            surroundings=nothing_else,
            monotonic=time,
        )


async def test_a_look_at_the_studio_serves_all_for_half_a_minute(
    watch: Watch, studio: Studio, time: Time
) -> None:
    await asyncio.gather(*(watch.status(user, is_owner=False) for user in range(10)))
    time.seconds = 29.9
    await watch.status(1, is_owner=False)
    assert studio.asked == 1
    time.seconds = 30
    await watch.status(1, is_owner=False)
    assert studio.asked == 2


async def test_a_studio_that_is_silent_is_told_of_in_time(
    watch: Watch, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "_PATIENCE_SECONDS", 0.01)
    studio.is_silent = True
    seen = await watch.status(1, is_owner=False)
    assert seen.studio == Finding(Grade.BROKEN, "the studio does not answer")


@pytest.mark.parametrize(("is_owner", "findings"), [(True, (FINE, FINE)), (False, ())])
async def test_only_the_owner_gets_the_findings(
    watch: Watch, is_owner: bool, findings: tuple[Finding, ...]
) -> None:
    assert (await watch.status(1, is_owner=is_owner)).for_owner == findings


def read(known: Status) -> str:
    return str(status.embed(known, ENGLISH).description)


def test_one_song_reads_as_one() -> None:
    said = read(Status(FINE, Estimate(timedelta(seconds=95), before=1)))
    assert "The studio is working on 1 song.\nA song usually takes 1 min 35 s." in said


def test_a_title_keeps_to_its_line() -> None:
    job = a_job(title="Night\n# Drive **loud**")
    said = read(Status(FINE, Estimate(), own=(job, Estimate(before=2))))
    assert said.endswith(
        "Your song in progress: **Night # Drive \\*\\*loud\\*\\***\n2 songs are ahead of it."
    )


def test_an_error_in_a_finding_is_a_sentence() -> None:
    finding = Finding(Grade.BROKEN, "the studio cannot work: {problem}", {"problem": NoCreditsError()})
    card = status.embed(Status(finding, Estimate(), for_owner=(finding,)), ENGLISH)
    assert card.fields[0].value == f"❌ the studio cannot work: {NoCreditsError().sentence}"
