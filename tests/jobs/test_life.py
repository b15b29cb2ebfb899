"""A job's life in any order of looks, callbacks, kills, cancels and time."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from bot.errors import StudioError
from bot.jobs.admission import Asker
from bot.jobs.desk import Desk
from bot.jobs.engines.look import look
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.model import Job, Question, State
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.databases import commits
from bot.jobs.storage.store import Store
from bot.jobs.work import showing
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import Workshop
from bot.kie.errors import RetiredError, UnreadableAnswerError
from bot.kie.payloads import read_callback
from bot.kie.separation import LISTED
from tests.jobs.outside import (
    ANSWERED,
    BUSY,
    LOST,
    NEVER_SENT,
    OF_BEFORE,
    OF_MUSIC,
    Channel,
    Clock,
    DeadError,
    Files,
    Moments,
    NoQueue,
    Studio,
)
from tests.jobs.storage.test_store import a_job
from tests.kie_server.callbacks import callback_body
from tests.kie_server.state import SONG
from tests.kie_server.state import Task as StudioTask

_Result = TypeVar("_Result")

POLL = timedelta(seconds=15)
TIMEOUT = timedelta(minutes=20)
AN_ADDRESS = SongPart(kind=Source.ADDRESS, name="a.wav", source="https://example.com/a.wav")
A_SCORE = SongPart(kind=Source.ADDRESS, name="a.mid", source="https://example.com/a.mid", is_score=True)
A_HIDDEN_SCORE = SongPart(kind=Source.ADDRESS, name="a.mid", source="https://example.com/a")
"""Nobody knew what it is before it was read."""

PATIENCE_SECONDS = 40.0


class World:
    """What outlives a kill: the database and the outside. One for all examples, each of which has its own job."""

    def __init__(self, runner: asyncio.Runner, database: Database, worker: ThreadPoolExecutor) -> None:
        self.runner = runner
        self.database = database
        self.worker = worker
        self.interactions = 0

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        # What waits for ever is told where it waits.
        return self.runner.run(asyncio.wait_for(work, PATIENCE_SECONDS))


class Life(RuleBasedStateMachine):
    """One job. `world` is set by the test."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.moments = Moments()
        commits.before = commits.after = self.moments.commit
        self.store = Store(self.world.database.transactions, NoQueue(), self.clock)  # type: ignore[arg-type]  # nothing runs here
        self.studio = Studio(self.moments)
        self.channel = Channel(self.moments, self.store.get)
        self.deaths = 0
        self.seen: Job | None = None
        self.was_cancelled = False
        self.called_back: set[str] = set()
        self.confirms_price = False
        self.start_process()

    def start_process(self) -> None:
        """All that a process has in memory, from nothing."""
        callback_base = "http://127.0.0.1:1"
        studios = Studios(self.studio, prices=LISTED, confirms_price=self.confirms_price)
        tasks = StudioTasks(
            self.store, studios, callback_base=callback_base, poll_every=POLL, clock=self.clock
        )
        songs = Songs(self.store, Workshop(self.world.worker))
        self.steps = Steps(
            self.store, studios, Files(), self.channel, tasks=tasks, songs=songs, clock=self.clock
        )
        self.desk = Desk(self.store, callback_base=callback_base, job_timeout=TIMEOUT, clock=self.clock)

    @initialize(
        parts=st.lists(st.sampled_from(["address", "task"]), min_size=1, max_size=2)
        | st.sampled_from([["score"], ["hidden score"], ["music"]]),
        confirms_price=st.booleans(),
    )
    def ask(self, parts: list[str], *, confirms_price: bool) -> None:
        self.confirms_price = confirms_price
        self.start_process()
        self.world.interactions += 1
        finished = SongPart(
            kind=Source.TASK,
            name="song",
            source=None,
            separation=Task(self.clock(), OF_BEFORE, is_done=True),
        )
        reply = a_job(self.world.interactions).reply
        music = replace(finished, separation=Task(self.clock(), OF_MUSIC, is_done=True))
        kinds = {
            "address": AN_ADDRESS,
            "task": finished,
            "music": music,
            "score": A_SCORE,
            "hidden score": A_HIDDEN_SCORE,
        }
        given = [kinds[part] for part in parts]
        job = self.world.run(self.desk.open(reply, "Night Drive", given, None, asker=Asker(user_id=7)))
        assert job is not None
        self.job_id = job.id
        self.parts = parts

    @rule(seconds=st.sampled_from([1, 20, 90, 400, 1300]))
    def time_passes(self, seconds: int) -> None:
        self.clock.now += timedelta(seconds=seconds)

    @rule(submissions=st.sampled_from([ANSWERED, ANSWERED, LOST, NEVER_SENT, BUSY]))
    def the_studio_changes(self, submissions: str) -> None:
        self.studio.submissions = submissions

    @rule(good=st.sampled_from([True, True, True, False]))
    def the_studio_ends_its_tasks(self, good: bool) -> None:
        pending = self.studio.tasks.keys() - self.studio.done - self.studio.failed
        (self.studio.done if good else self.studio.failed).update(pending)

    @rule()
    def look(self) -> None:
        self.world.run(self.follow_wakeup())

    @rule(moment=st.integers(0, 12))
    def look_and_die(self, moment: int) -> None:
        self.moments.die_in = moment
        try:
            self.world.run(self.follow_wakeup())
        except DeadError:
            self.deaths += 1
            self.start_process()
        self.moments.calm()

    @rule(moment=st.integers(0, 3))
    def look_while_a_callback_comes(self, moment: int) -> None:
        self.moments.meanwhile_in, self.moments.meanwhile = moment, self.call_back
        self.world.run(self.follow_wakeup())
        self.moments.calm()

    @rule(moment=st.integers(0, 3))
    def look_while_it_is_cancelled(self, moment: int) -> None:
        self.moments.meanwhile_in, self.moments.meanwhile = moment, self.cancel_now
        self.world.run(self.follow_wakeup())
        self.moments.calm()

    @rule(moment=st.integers(0, 5))
    def look_while_the_answer_is_deleted(self, moment: int) -> None:
        self.moments.meanwhile_in, self.moments.meanwhile = moment, self.channel.delete
        self.world.run(self.follow_wakeup())
        self.moments.calm()

    @rule()
    def the_answer_is_deleted(self) -> None:
        self.channel.is_deleted = True

    @rule(is_slow=st.booleans())
    def records_are_late(self, *, is_slow: bool) -> None:
        self.studio.is_slow = is_slow

    @rule(silence=st.sampled_from([None, None, RetiredError("404"), UnreadableAnswerError("page")]))
    def records_are_silent(self, silence: StudioError | None) -> None:
        self.studio.silence = silence

    @rule()
    def callbacks_come(self) -> None:
        self.world.run(self.call_back())

    @rule()
    def cancel(self) -> None:
        self.world.run(self.cancel_now())

    @rule(moment=st.integers(0, 3))
    def look_while_it_is_answered(self, moment: int) -> None:
        self.moments.meanwhile_in, self.moments.meanwhile = moment, self.answer_now
        self.world.run(self.follow_wakeup())
        self.moments.calm()

    @rule()
    def answer(self) -> None:
        self.world.run(self.answer_now())

    @rule()
    def reconcile(self) -> None:
        self.world.run(self.store.wakeups.reconcile(timedelta(minutes=1)))

    @invariant()
    def states_only_move_forward_and_an_end_stays(self) -> None:
        job = self.stored()
        if self.seen is not None:
            assert job.state.rank >= self.seen.state.rank
            assert job.revision >= self.seen.revision
            assert not self.seen.state.is_final or job == self.seen
        assert not self.was_cancelled or job.state is State.CANCELLED or job.is_unwanted
        self.seen = job

    @invariant()
    def an_open_job_has_a_wakeup_and_a_final_one_has_none(self) -> None:
        due_at = self.world.run(self.store.wakeups.due_at(self.job_id))
        assert (due_at is None) == self.stored().state.is_final

    @invariant()
    def it_is_delivered_once_and_never_after_its_end(self) -> None:
        told = self.channel.delivered + self.channel.refused
        assert not [job for job in told if job.state.is_final or job.message_id is not None]
        # A kill between the post and its commit repeats it, with the same message or nonce.
        assert len(told) <= 1 + self.deaths
        assert not (self.channel.delivered and self.channel.refused)

    @invariant()
    def what_was_paid_is_known(self) -> None:
        known = {part.separation.id for part in self.stored().parts if part.separation}
        told = {*self.studio.answered, *self.called_back}
        paid = [task for task in told if task.startswith("separation")]
        # Killed with the answer in hand, a process loses it.
        assert len(known.intersection(paid)) >= len(paid) - self.deaths

    @invariant()
    def a_separation_is_paid_once(self) -> None:
        assert self.studio.separations <= self.parts.count("address") + self.parts.count("music")
        agreed = Question.PRICE in self.stored().answers
        assert agreed or not self.confirms_price or not self.studio.separations

    def teardown(self) -> None:
        """Whatever happened: with a studio that works, and time, there is an end."""
        self.studio.submissions, self.studio.silence, self.studio.is_slow = ANSWERED, None, False
        for _ in range(60):
            if self.stored().state.is_final:
                break
            self.the_studio_ends_its_tasks(good=True)
            self.clock.now += timedelta(seconds=60)
            self.look()
        self.states_only_move_forward_and_an_end_stays()
        self.it_is_delivered_once_and_never_after_its_end()
        job = self.stored()
        assert job.state.is_final
        assert (job.state is State.DONE) == bool(self.channel.delivered)
        assert (job.state is State.FAILED) == bool(self.channel.refused)

    def stored(self) -> Job:
        job = self.world.run(self.store.get(self.job_id))
        assert job is not None
        return job

    async def follow_wakeup(self) -> None:
        """What a queue does once a wake-up is due."""
        due_at = await self.store.wakeups.due_at(self.job_id)
        if due_at is not None and due_at <= self.clock.now.timestamp():
            await look(self.store.wakeups, self.steps, self.job_id, due_at)

    async def answer_now(self) -> None:
        reply = a_job().reply
        for question, answer in ((Question.TRACK, "1"), (Question.PRICE, "yes")):
            await self.desk.answer(self.job_id, question, answer, reply)

    @invariant()
    def the_track_that_is_separated_was_chosen(self) -> None:
        if self.parts == ["music"] and self.studio.separations:
            assert self.stored().answers[Question.TRACK] == "1"
            assert self.stored().title == "Night Drive"

    async def cancel_now(self) -> None:
        self.was_cancelled = await self.desk.cancel(self.job_id) or self.was_cancelled

    async def call_back(self) -> None:
        """The callbacks of all tasks that are at their end, once more each time."""
        for name in self.studio.done | self.studio.failed:
            kind, url = self.studio.tasks[name]
            part, step, secret = url.split("/")[-3:]
            state = "done" if name in self.studio.done else "failed"
            task = StudioTask(kind, url, id=name, state=state, notes=SONG)
            body = callback_body(task, "new").encode()
            job = await self.desk.job_of_callback(self.job_id, secret)
            assert job is not None
            await self.desk.take(job, int(part), step, read_callback(body), body)
            self.called_back.add(name)


@contextmanager
def a_world(directory: Path) -> Iterator[World]:
    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as worker:
        stack = AsyncExitStack()
        database = runner.run(stack.enter_async_context(open_database(None, directory)))
        try:
            yield World(runner, database, worker)
        finally:
            runner.run(stack.aclose())


def test_a_job_survives_any_order_of_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "before", commits.before)
    monkeypatch.setattr(commits, "after", commits.after)
    # So that each step is shown, however short it is.
    monkeypatch.setattr(showing, "_QUICK_SECONDS", 0.01)
    monkeypatch.setattr(showing, "_SHOWN_EVERY_SECONDS", 0.01)
    with a_world(tmp_path) as world:
        monkeypatch.setattr(Life, "world", world, raising=False)
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=60,
                stateful_step_count=30,
                deadline=None,
                # Made smaller, an order of things takes minutes more; as it was found it tells enough.
                phases=[Phase.explicit, Phase.reuse, Phase.generate],
            ),
        )
