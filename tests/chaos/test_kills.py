"""A SIGKILL before and after every commit of a song's way: one result in the end, and nothing paid twice.

The commits come from a run of each kind, so that a new one is killed at too. Every one of them meets every way of
the callbacks on SQLite; on Postgres the ways take turns, because a dead process's job waits there for half a minute.
"""

import asyncio
import contextlib
import dataclasses
import itertools
from pathlib import Path

import pytest

from tests.chaos.forked import ForkedBot
from tests.chaos.scene import Moment, Scene, scene
from tests.discord_server import Interaction
from tests.kie_server import CallbackPlan
from tests.stage import wav

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

PLANS = {
    "normal": CallbackPlan(retries=40, retry_seconds=0.25),
    "lost": CallbackPlan(copies=0),
    "doubled and late": CallbackPlan(copies=2, delay_seconds=1.5, retries=40, retry_seconds=0.25),
}
"""How callbacks come. Late is after the first look at the task, which finds the notes."""

POLL_SECONDS = "0.7"
WORK_SECONDS = 0.3

ALWAYS_PASSED = {
    "job added",
    "job received",
    "job transcribing",
    "notes kept",
    "job rendering",
    "job delivering",
    "job done",
    "wake-up followed",
}

NOT_ADDED = Moment("before", "job added", 1)

NOT_SENT, NOT_ANSWERED = Moment("after", "job separating", 2), Moment("before", "job separating", 3)
"""A separation is about to be sent, or was: what is in the row is the same."""


async def test_a_kill_at_any_commit_leaves_one_result(tmp_path: Path) -> None:
    ways = await asyncio.gather(*(killed_everywhere(tmp_path / name, name) for name in PLANS))
    assert dict(zip(PLANS, ways, strict=True)) == {name: {} for name in PLANS}


async def killed_everywhere(directory: Path, plan: str) -> dict[str, str]:
    """What went wrong, by the moment of the kill."""
    # In the run that the moments are read from, late is later than the first look on the slowest machine too.
    surely = dataclasses.replace(PLANS[plan], delay_seconds=20 * PLANS[plan].delay_seconds)
    async with scene(directory, surely, WORK_SECONDS, ForkedBot, POLL_SECONDS=POLL_SECONDS) as stage:
        moments = await stage.moments()
        stage.kie.plan = PLANS[plan]
        points = {moment.point for moment in moments}
        assert points >= ALWAYS_PASSED
        assert ("callback kept" in points) == (plan == "normal")
        songs = {moment: await survived(stage, moment) for moment in moments}
        await stage.kie.settle()
        await stage.quiet()
        return faults(stage, songs)


async def test_on_postgres_a_kill_at_any_commit_leaves_one_result(tmp_path: Path, postgres_url: str) -> None:
    async with scene(
        tmp_path,
        PLANS["normal"],
        WORK_SECONDS,
        ForkedBot,
        POLL_SECONDS=POLL_SECONDS,
        DATABASE_URL=postgres_url,
    ) as stage:
        moments = await stage.moments()
        assert {moment.point for moment in moments} >= ALWAYS_PASSED | {"callback kept"}
        plans = itertools.cycle(PLANS.values())
        songs: dict[Moment, Interaction] = {}
        for moment in moments:
            stage.kie.plan = PLANS["normal"] if moment.point == "callback kept" else next(plans)
            songs[moment], _ = await stage.killed_at(moment)
            await stage.restart()
        with contextlib.suppress(TimeoutError):
            # Dead after 20 s, looked for every 10 s.
            await stage.discord.until(lambda: not faults(stage, songs), within_seconds=60)
        await stage.kie.settle()
        await stage.quiet()
        assert faults(stage, songs) == {}


@pytest.mark.parametrize("plan", ["normal", "lost"])
async def test_no_kill_pays_for_a_separation_twice(tmp_path: Path, plan: str) -> None:
    song = ("song.wav", wav())
    # What is unclear waits for the callback until the job's time is over; everything else takes a few seconds.
    limit = "20"
    async with scene(
        tmp_path, PLANS[plan], WORK_SECONDS, ForkedBot, POLL_SECONDS=POLL_SECONDS, JOB_TIMEOUT_SECONDS=limit
    ) as stage:
        moments = await stage.moments(song=song)
        own = [moment for moment in moments if moment.point in {"job uploading", "job separating"}]
        assert {NOT_SENT, NOT_ANSWERED} < set(own)
        found = {}
        for moment in own:
            paid = len(stage.kie.charges)
            asked = await survived(stage, moment, song=song)
            separations = sum(kind == "separation" for kind, _ in stage.kie.charges[paid:])
            is_known = moment != NOT_SENT and (moment != NOT_ANSWERED or plan == "normal")
            fault = stage.fault_in(asked) if is_known else fault_in_refusal(stage, asked)
            if fault or separations != (moment != NOT_SENT):
                found[str(moment)] = f"{separations} separations, {fault}"
        assert found == {}


async def survived(stage: Scene, moment: Moment, **options: tuple[str, bytes]) -> Interaction:
    """A song at a moment of which the bot is killed, at its end after a restart, or after long enough for one."""
    asked, before = await stage.killed_at(moment, **options)
    await stage.restart()
    if moment != NOT_ADDED:
        with contextlib.suppress(TimeoutError):
            await stage.until(lambda: stage.ended_or_killed(asked, before))
    await stage.quiet()
    return asked


def faults(stage: Scene, songs: dict[Moment, Interaction]) -> dict[str, str]:
    """What is wrong, by the moment of the kill. What was not written down was not promised either."""
    found = {str(moment): stage.fault_in(asked) for moment, asked in songs.items() if moment != NOT_ADDED}
    unknown = songs[NOT_ADDED]
    if unknown.state != "waiting" or stage.messages(unknown):
        found[str(NOT_ADDED)] = f"{unknown.state}, {len(stage.messages(unknown))} messages"
    return {moment: fault for moment, fault in found.items() if fault}


def fault_in_refusal(stage: Scene, asked: Interaction) -> str | None:
    """What is wrong with the end of a song that could not be had: one message that says so is wanted."""
    messages = stage.messages(asked)
    if len(messages) != 1 or stage.results(asked) or asked.state != "answered":
        return f"{len(messages)} messages, {len(stage.results(asked))} files, {asked.state}"
    return None if messages[0].embeds[0].get("description") else "it does not say why"
