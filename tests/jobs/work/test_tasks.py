"""Tasks at the studio, sent and watched."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.jobs.desk import Desk
from bot.jobs.engines.opening import open_database
from bot.jobs.model import Job, State
from bot.jobs.song_part import SongPart, Source
from bot.jobs.storage.store import Store
from bot.jobs.storage.tables import inbox
from bot.jobs.storage.wakeups import StaleJobError
from bot.jobs.work import showing, tasks
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import workshop
from bot.kie.errors import RetiredError
from bot.kie.payloads import read_callback
from bot.kie.separation import LISTED
from tests.jobs.outside import ANSWERED, BUSY, LOST, REFUSED, Channel, Clock, Files, Moments, NoQueue, Studio
from tests.jobs.storage.test_store import NOW, a_job
from tests.kie_server.state import SONG

NOTES = json.dumps({"code": 200, "data": {"taskId": "midi-2", **SONG}}).encode()
FORGED = NOTES.replace(b"Acoustic Grand Piano", b"Synth Voice")

UPLOADED = SongPart(Source.ADDRESS, "a.wav", None, upload_url="https://studio.example.com/a.wav")


@dataclass(frozen=True, slots=True)
class Scene:
    """A job of two files that are about to be separated, at a studio that wants to be paid."""

    clock: Clock
    store: Store
    studio: Studio
    steps: Steps
    desk: Desk
    channel: Channel
    job_id: str

    async def job(self) -> Job:
        job = await self.store.get(self.job_id)
        assert job is not None
        return job

    async def ordered(self) -> list[str | None]:
        """The ids of the separations of both files."""
        return [part.separation.id if part.separation else None for part in (await self.job()).parts]

    def let_happen(self, moment: int, what: Callable[[], Awaitable[object]]) -> None:
        """Let something happen at a call to the outside, counted from 0."""
        moments = self.studio.moments
        moments.meanwhile_in, moments.meanwhile = moment, what

    def cancel_while_ordering(self) -> None:
        """Let somebody cancel as soon as the studio is asked for something."""
        self.let_happen(0, lambda: self.desk.cancel(self.job_id))

    async def called_back(self, step: str, body: bytes, part: int = 0) -> None:
        await self.desk.take(await self.job(), part, step, read_callback(body), body)

    async def change_inbox(self, **columns: bytes | None) -> None:
        """Change what is kept of the callbacks, behind everybody's back."""
        changed = sa.update(inbox).values(columns)
        await self.store.wakeups.write("test", lambda connection: connection.execute(changed))

    async def looked(self, after: float = 0.0) -> Job:
        """The job after a look, some seconds later."""
        self.clock.now += timedelta(seconds=after)
        try:
            await self.steps.advance(self.job_id)
        except StaleJobError:
            # As the engines do: what was written meanwhile is read again.
            await self.steps.advance(self.job_id)
        return await self.job()


@pytest.fixture
async def scene(database: dict[str, str], tmp_path: Path) -> AsyncIterator[Scene]:
    clock = Clock()
    async with open_database(database.get("database_url"), tmp_path) as opened, workshop() as music:
        store = Store(opened.transactions, NoQueue(), clock)  # type: ignore[arg-type]  # nothing runs here
        studio = Studio(Moments())
        studios, channel = Studios(studio, prices=LISTED), Channel(studio.moments, store.get)
        poll = timedelta(minutes=1)
        desk = Desk(store, callback_base=None, job_timeout=timedelta(minutes=20), clock=clock)
        tasks = StudioTasks(
            store, studios, callback_base="https://a.example.com", poll_every=poll, clock=clock
        )
        steps = Steps(store, studios, Files(), channel, tasks=tasks, songs=Songs(store, music), clock=clock)
        long_ago = clock() - timedelta(minutes=1)
        job = a_job(
            state=State.SEPARATING, parts=(UPLOADED, UPLOADED), stage_since=long_ago, callback_base=None
        )
        await store.add(job, NOW)
        yield Scene(clock, store, studio, steps, desk, channel, job.id)


async def test_a_busy_studio_is_asked_again_after_its_pause(scene: Scene) -> None:
    scene.studio.submissions = BUSY
    for _ in range(3):
        await scene.steps.advance(scene.job_id)
        due_at = await scene.store.wakeups.due_at(scene.job_id)
        assert due_at == pytest.approx(scene.clock.now.timestamp() + 15, abs=0.5)
    scene.studio.submissions = ANSWERED
    await scene.steps.advance(scene.job_id)
    assert await scene.ordered() == ["separation-0", "separation-1"]


async def test_what_is_being_ordered_while_somebody_cancels_keeps_its_id(scene: Scene) -> None:
    scene.cancel_while_ordering()
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).is_unwanted
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.CANCELLED
    assert await scene.ordered() == ["separation-0", None]
    assert scene.studio.separations == 1


async def test_an_order_whose_answer_is_lost_is_cancelled_without_its_id(scene: Scene) -> None:
    scene.studio.submissions = LOST
    scene.cancel_while_ordering()
    with pytest.raises(StaleJobError):  # the queue puts it back
        await scene.steps.advance(scene.job_id)
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.CANCELLED
    assert await scene.ordered() == [None, None]
    assert scene.studio.separations <= 1


async def sent_and_forgotten(scene: Scene) -> None:
    """Both separations are sent, and then the studio has never heard of them."""
    await scene.steps.advance(scene.job_id)
    scene.studio.unknown |= set(scene.studio.tasks)


async def test_a_new_record_has_a_minute_to_appear(scene: Scene) -> None:
    await sent_and_forgotten(scene)
    scene.clock.now += timedelta(seconds=55)
    await scene.steps.advance(scene.job_id)
    assert (await scene.job()).state is State.SEPARATING


async def test_a_record_that_never_appears_is_told_as_lost(scene: Scene) -> None:
    await sent_and_forgotten(scene)
    scene.clock.now += timedelta(seconds=65)
    await scene.steps.advance(scene.job_id)
    job = await scene.job()
    assert (job.state, job.error_code) == (State.FAILED, "TaskLostError")


@pytest.mark.parametrize(("said", "known"), [(None, True), (True, True), (False, False)])
async def test_what_a_studio_cannot_tell_is_known_of_its_songs(
    scene: Scene, said: bool | None, known: bool
) -> None:
    scene.studio.has_strengths = said
    for _ in range(4):
        scene.studio.done |= set(scene.studio.tasks)
        await scene.looked()
    job = await scene.job()
    assert all(part.midi and part.midi.is_done for part in job.parts)
    assert job.has_strengths is known


async def test_an_id_that_comes_after_the_end_is_kept(scene: Scene) -> None:
    scene.studio.submissions = LOST
    await scene.looked()
    await scene.desk.cancel(scene.job_id)
    assert (await scene.looked()).state is State.CANCELLED
    await scene.called_back("separation", b'{"code": 200, "data": {"task_id": "separation-0"}}')
    assert (await scene.ordered())[0] == "separation-0"
    assert (await scene.job()).state is State.CANCELLED


@pytest.mark.parametrize("moment", range(4))
async def test_an_answer_deleted_at_any_moment_of_an_order_keeps_what_was_paid(
    scene: Scene, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_QUICK_SECONDS", 0.01)
    monkeypatch.setattr(showing, "_SHOWN_EVERY_SECONDS", 0.01)
    scene.let_happen(moment, scene.channel.delete)
    await scene.looked()
    assert (await scene.looked()).state is State.CANCELLED
    paid = list(scene.studio.tasks)
    assert [known for known in await scene.ordered() if known] == paid
    assert paid


@pytest.mark.parametrize("refusal", [BUSY, REFUSED])
async def test_an_order_that_was_refused_counts_for_no_limit(scene: Scene, refusal: str) -> None:
    scene.studio.submissions = refusal
    scene.cancel_while_ordering()
    await scene.looked()
    assert (await scene.looked()).state is State.CANCELLED
    assert (await scene.job()).cost is None
    assert await scene.store.opened_since(scene.clock.now - timedelta(days=1), user_id=7) == []


async def transcribing(scene: Scene) -> Job:
    """Both files are separated, and their notes asked for."""
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    await scene.looked(2)
    job = await scene.looked()
    assert [part.midi.id for part in job.parts if part.midi] == ["midi-2", "midi-3"]
    return job


async def test_what_is_ready_after_the_time_is_taken(scene: Scene) -> None:
    await transcribing(scene)
    scene.studio.done.update(scene.studio.tasks)
    await scene.looked(3600)
    assert (await scene.looked()).state is State.RENDERING


async def test_what_is_not_ready_when_its_time_is_over_is_looked_at_once_more(scene: Scene) -> None:
    job = await transcribing(scene)
    scene.clock.now = job.deadline_at
    job = await scene.looked()
    assert (job.state, job.error_code) == (State.FAILED, "JobTimeoutError")


async def test_a_separation_that_is_ready_too_late_becomes_notes_all_the_same(scene: Scene) -> None:
    await scene.looked()
    scene.clock.now = (await scene.job()).deadline_at
    scene.studio.done.update(scene.studio.tasks)
    assert (await scene.looked()).state is State.TRANSCRIBING
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    assert (await scene.looked(60)).state is State.RENDERING


async def test_nothing_is_ordered_when_the_time_is_over(scene: Scene) -> None:
    scene.clock.now = (await scene.job()).deadline_at + timedelta(hours=1)
    assert (await scene.looked()).error_code == "JobTimeoutError"
    assert scene.studio.tasks == {}


async def test_a_body_is_believed_only_where_the_record_stays_silent(scene: Scene) -> None:
    scene.studio.is_slow = False
    await transcribing(scene)
    await scene.called_back("midi", FORGED)
    for seconds in (0, 1, 2, 4):
        job = await scene.looked(seconds)
        assert job.state is State.TRANSCRIBING
        assert await scene.store.notes(scene.job_id) == {}
        due_at = await scene.store.wakeups.due_at(scene.job_id)
        assert due_at is not None
        assert due_at - scene.clock.now.timestamp() == pytest.approx(max(1, 2 * seconds), abs=0.2)
    await scene.looked(8)
    assert b"Synth Voice" in (await scene.store.notes(scene.job_id))[0]


async def test_a_record_that_speaks_later_than_its_callback_is_what_counts(scene: Scene) -> None:
    await transcribing(scene)
    await scene.called_back("midi", FORGED)
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    await scene.looked(1)
    assert b"Synth Voice" not in (await scene.store.notes(scene.job_id))[0]


async def test_a_failure_that_was_called_back_is_believed_as_late(scene: Scene) -> None:
    await transcribing(scene)
    await scene.called_back("midi", b'{"code": 500, "msg": "no", "data": {"taskId": "midi-2"}}')
    assert (await scene.looked(8)).state is State.TRANSCRIBING
    assert (await scene.looked(8)).state is State.FAILED


async def test_what_was_read_of_a_callback_when_it_came_is_not_read_again(scene: Scene) -> None:
    await transcribing(scene)
    await scene.called_back("midi", b'{"code": 500, "msg": "no", "data": {"taskId": "midi-2"}}')
    await scene.change_inbox(body=b"{")
    assert (await scene.looked(16)).state is State.FAILED


@pytest.mark.parametrize(("body", "state"), [(FORGED, State.RENDERING), (b'{"code": 500}', State.FAILED)])
async def test_a_callback_that_the_version_before_kept_is_read_at_the_look(
    scene: Scene, body: bytes, state: State
) -> None:
    scene.studio.is_slow = False
    await transcribing(scene)
    for part in (0, 1):
        await scene.called_back("midi", body.replace(b"midi-2", b"midi-%d" % (2 + part)), part)
    await scene.change_inbox(callback=None)
    assert (await scene.looked(16)).state is state


async def test_a_separation_without_a_record_is_gone_on_with_once_it_is_called_back(scene: Scene) -> None:
    await scene.looked()
    scene.studio.silence = RetiredError()
    for part in (0, 1):
        body = json.dumps({"code": 200, "data": {"task_id": f"separation-{part}"}}).encode()
        await scene.called_back("separation", body, part)
    assert (await scene.looked(5)).state is State.SEPARATING
    await scene.looked(11)
    assert (await scene.looked()).state is State.TRANSCRIBING
    assert [name for name in scene.studio.tasks if name.startswith("midi")]


async def test_what_is_done_is_not_asked_for_again_while_the_rest_is_waited_for(scene: Scene) -> None:
    await scene.looked()
    scene.studio.done.add("separation-0")
    await scene.looked()
    scene.studio.unknown.add("separation-0")  # records do not last
    assert (await scene.looked(120)).state is State.SEPARATING
    scene.studio.done.add("separation-1")
    assert (await scene.looked()).state is State.TRANSCRIBING


async def test_an_order_that_may_have_been_paid_is_not_sent_again_and_is_told_after_five_minutes(
    scene: Scene,
) -> None:
    scene.studio.submissions = LOST
    await scene.looked()
    scene.studio.submissions = ANSWERED
    assert (await scene.looked(290)).state is State.SEPARATING
    job = await scene.looked(20)
    assert (job.state, job.error_code) == (State.FAILED, "UnclearOutcomeError")
    assert len(scene.studio.tasks) == len(job.parts)


async def test_an_order_for_notes_whose_answer_is_lost_is_sent_again_for_it_is_free(scene: Scene) -> None:
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    scene.studio.submissions = LOST
    await scene.looked()
    await scene.looked()
    scene.studio.submissions = ANSWERED
    job = await scene.looked()
    assert all(part.midi and part.midi.id for part in job.parts)


async def test_a_callback_tells_the_id_of_notes_whose_answer_was_lost(scene: Scene) -> None:
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    scene.studio.submissions = LOST
    await scene.looked()
    await scene.looked()
    sent = len(scene.studio.tasks)
    for part, task in enumerate(list(scene.studio.tasks)[-2:]):
        await scene.called_back("midi", json.dumps({"code": 200, "data": {"taskId": task}}).encode(), part)
    await scene.looked()
    assert len(scene.studio.tasks) == sent


async def test_a_record_that_says_failed_counts_for_more_than_a_callback_that_says_done(scene: Scene) -> None:
    await scene.looked()
    scene.studio.failed.update(scene.studio.tasks)
    for part in (0, 1):
        body = json.dumps({"code": 200, "data": {"task_id": f"separation-{part}"}}).encode()
        await scene.called_back("separation", body, part)
    assert (await scene.looked(60)).state is State.FAILED


async def test_a_record_that_says_done_counts_for_more_than_a_callback_that_says_failed(scene: Scene) -> None:
    await scene.looked()
    scene.studio.done.update(scene.studio.tasks)
    await scene.called_back("separation", b'{"code": 500, "msg": "no", "data": {"task_id": "separation-0"}}')
    assert (await scene.looked(60)).state is State.TRANSCRIBING


async def test_more_notes_than_anybody_plays_are_refused_where_they_are_called_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_NOTES_BYTES", 10)
    await transcribing(scene)
    await scene.called_back("midi", NOTES)
    for seconds in (0, 1, 2, 4):
        assert (await scene.looked(seconds)).state is State.TRANSCRIBING
    assert (await scene.looked(8)).error_code == "TooLargeNotesError"


async def test_a_stage_that_has_just_begun_is_looked_at_soon_and_then_at_its_pace(scene: Scene) -> None:
    await transcribing(scene)
    for after, soonest, latest in ((0, 0, 3), (4, 50, 70)):
        await scene.looked(after)
        due_at = await scene.store.wakeups.due_at(scene.job_id)
        assert due_at is not None
        assert soonest <= due_at - scene.clock.now.timestamp() <= latest


async def test_what_nobody_looked_at_in_time_has_three_minutes_more(scene: Scene) -> None:
    job = await transcribing(scene)
    scene.clock.now = job.deadline_at + timedelta(minutes=2)
    assert (await scene.looked()).state is State.TRANSCRIBING
    assert (await scene.looked(170)).state is State.TRANSCRIBING
    job = await scene.looked(20)
    assert (job.state, job.error_code) == (State.FAILED, "JobTimeoutError")
