"""The desk in front of a real store: jobs opened and cancelled, callbacks taken in."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.errors import (
    InputError,
    InstrumentMissingError,
    InstrumentNotKnownError,
    InstrumentUnknownError,
    IntakePausedError,
    JobUnclearError,
    JobUnknownError,
    NotSeparatedHereError,
    PaidForAlreadyError,
)
from bot.jobs.admission import Admission, Asker, Limits
from bot.jobs.another_try import AnotherTry
from bot.jobs.desk import Desk, Taken
from bot.jobs.engines.opening import open_database
from bot.jobs.errors import ServerLimitError, UserLimitError
from bot.jobs.model import Job, State
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.servers import NO_RULES, Servers
from bot.jobs.storage.store import Store
from bot.jobs.work.studios import Studios
from bot.kie.payloads import Callback
from bot.kie.separation import LISTED, Separation
from tests.jobs.inbox import bodies
from tests.jobs.outside import Moments, Studio
from tests.jobs.replies import a_reply

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BODY = b'{"code": 200}'
ASKER = Asker(user_id=7)
SONG = SongPart(Source.ATTACHMENT, "song.wav", "https://cdn.example/song.wav")


def callback(task_id: str | None = "midi-task") -> Callback:
    return Callback(task_id, succeeded=True, code=200, message="success", has_notes=False)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_database(None, tmp_path) as database:
        yield Store(database.transactions, database.queue, lambda: NOON)


@pytest.fixture
def desk(store: Store) -> Desk:
    base = "https://pianola.example"
    return Desk(store, callback_base=base, job_timeout=timedelta(minutes=20), clock=lambda: NOON)


async def opened(desk: Desk, *parts: SongPart, interaction_id: int = 1, asker: Asker = ASKER) -> Job:
    reply = a_reply(NOON, interaction_id, asker.user_id)
    job = await desk.open(reply, "Night Drive", parts or (SONG,), "vocals", asker=asker)
    assert job is not None
    return job


@pytest.fixture
async def job(desk: Desk) -> Job:
    """A job whose MIDI task is under way."""
    return await opened(desk, replace(SONG, midi=Task(sent_at=NOON, id="midi-task")))


async def test_a_job_is_kept_as_it_was_opened(desk: Desk, store: Store) -> None:
    job = await opened(desk)
    assert await store.get(job.id) == job == await desk.job(job.id)
    assert (job.state, job.title, job.stem, job.parts) == (State.RECEIVED, "Night Drive", "vocals", (SONG,))
    assert job.deadline_at == NOON + timedelta(minutes=20)
    assert job.callback_base == "https://pianola.example"


SEPARATED = replace(SONG, separation=Task(sent_at=NOON, id="sep", is_done=True))
UPLOADED = replace(SONG, upload_url="https://studio.example/a")


@pytest.mark.parametrize(
    ("parts", "stage"),
    [
        ([SONG], State.UPLOADING),
        ([UPLOADED], State.SEPARATING),
        ([SEPARATED], State.TRANSCRIBING),
        ([SEPARATED, UPLOADED, SONG], State.UPLOADING),
    ],
)
async def test_a_job_knows_who_does_it_and_where_the_work_begins(
    store: Store, parts: list[SongPart], stage: State
) -> None:
    desk = Desk(store, callback_base=None, job_timeout=timedelta(minutes=20), studio="kie")
    job = await opened(desk, *parts)
    assert (job.studio, job.begins_with, job.pace) == ("kie", stage, f"kie {stage}")


async def test_one_interaction_opens_one_job(desk: Desk) -> None:
    await opened(desk)
    assert await desk.open(a_reply(NOON), "Again", [SONG], None, asker=ASKER) is None


async def test_no_two_jobs_share_an_id_or_a_secret(desk: Desk) -> None:
    jobs = [await opened(desk, interaction_id=number) for number in range(1, 6)]
    assert len({job.id for job in jobs} | {job.callback_secret for job in jobs}) == 10
    assert all(len(job.callback_secret) >= 43 and len(job.id) <= 25 for job in jobs)


@pytest.mark.parametrize("secret", ["", "x", "é"])
async def test_only_its_secret_opens_a_callback_address(desk: Desk, job: Job, secret: str) -> None:
    found = await desk.job_of_callback(job.id, job.callback_secret)
    assert found == job
    assert await desk.job_of_callback("0" * 20, job.callback_secret) is None
    assert await desk.job_of_callback(job.id, secret) is None


async def test_a_callback_is_kept_once(desk: Desk, store: Store, job: Job) -> None:
    assert await desk.take(job, 0, "midi", callback(), BODY) is Taken.KEPT
    assert await desk.take(job, 0, "midi", callback(), BODY) is Taken.NOTHING_NEW
    assert await bodies(store, job.id, 0, "midi") == [BODY]


async def test_another_body_for_the_same_task_is_kept_beside_it(desk: Desk, store: Store, job: Job) -> None:
    for body in (BODY, BODY + b" "):
        assert await desk.take(job, 0, "midi", callback(), body) is Taken.KEPT
    assert set(await bodies(store, job.id, 0, "midi")) == {BODY, BODY + b" "}


async def test_a_callback_of_another_task_is_not_kept(desk: Desk, store: Store, job: Job) -> None:
    assert await desk.take(job, 0, "midi", callback("another"), BODY) is Taken.NOTHING_NEW
    assert await desk.take(job, 1, "midi", callback(), BODY) is Taken.NOTHING_NEW
    assert await bodies(store, job.id, 0, "midi") == []


@pytest.mark.parametrize("part", [SONG, replace(SONG, midi=Task(sent_at=NOON))])
async def test_a_callback_before_the_task_has_its_id_is_kept(
    desk: Desk, store: Store, part: SongPart
) -> None:
    job = await opened(desk, part)
    assert await desk.take(job, 0, "midi", callback(), BODY) is Taken.KEPT
    assert await bodies(store, job.id, 0, "midi") == [BODY]


async def test_a_callback_without_a_task_id_is_kept(desk: Desk, job: Job) -> None:
    assert await desk.take(job, 0, "midi", callback(None), BODY) is Taken.KEPT


async def test_a_callback_for_a_job_at_its_end_changes_nothing(desk: Desk, store: Store, job: Job) -> None:
    assert await desk.cancel(job.id)
    ended = await desk.job_of_callback(job.id, job.callback_secret)
    assert ended is not None
    assert await desk.take(ended, 0, "midi", callback(), BODY) is Taken.NOTHING_NEW
    assert await store.get(job.id) == ended


async def test_a_job_is_cancelled_once(desk: Desk, job: Job) -> None:
    assert await desk.cancel(job.id)
    assert not await desk.cancel(job.id)
    cancelled = await desk.job(job.id)
    assert cancelled is not None
    assert (cancelled.state, cancelled.finished_at) == (State.CANCELLED, NOON)


async def test_a_job_that_is_cancelled_while_it_pays_is_left_to_its_steps(
    desk: Desk, store: Store, job: Job
) -> None:
    ordered = replace(job.parts[0], separation=Task(NOON, listed_credits=15.0))
    await store.save(replace(job, parts=(ordered,)).moved(State.SEPARATING, NOON))
    assert await desk.cancel(job.id)
    unwanted = await desk.job(job.id)
    assert unwanted is not None
    assert unwanted.is_unwanted
    assert await desk.cancel(job.id), "as somebody else's press may say again"
    assert await desk.job(job.id) == unwanted, "a second time writes nothing"


async def test_a_new_job_is_left_alone_until_discord_was_answered(store: Store, job: Job) -> None:
    due_at = await store.wakeups.due_at(job.id)
    assert due_at is not None
    assert 3 < due_at - NOON.timestamp() <= 10


async def test_a_job_is_found_by_how_its_id_begins(desk: Desk, store: Store, job: Job) -> None:
    beginning = job.id[:8]
    assert (await desk.named(f" #{beginning.upper()} ")).id == job.id
    await store.add(replace(job, id=beginning + "0" * 12, reply=a_reply(NOON, 2, 7)), timedelta(0))
    with pytest.raises(JobUnclearError):
        await desk.named(beginning)
    for unknown in ("f" * 21, "`; drop", "%"):
        with pytest.raises(JobUnknownError):
            await desk.named(unknown)


async def test_a_job_whose_result_is_on_its_way_is_not_cancelled(desk: Desk, store: Store, job: Job) -> None:
    await store.save(job.moved(State.RENDERING, NOON))
    assert not await desk.cancel(job.id)
    assert not await desk.cancel("0" * 20)


@pytest.fixture
def studios() -> Studios:
    """A studio that takes songs apart for credits."""
    return Studios(Studio(Moments()), prices=LISTED)


@pytest.fixture
def paying(store: Store, studios: Studios) -> Desk:
    """A desk before that studio."""
    timeout = timedelta(minutes=20)
    return Desk(
        store, callback_base=None, job_timeout=timeout, studio="kie", studios=studios, clock=lambda: NOON
    )


async def test_two_presses_at_once_pay_once(paying: Desk, store: Store, studios: Studios) -> None:
    tried = replace(await opened(paying, UPLOADED), studio="kie")
    await store.save(tried.moved(State.FAILED, NOON))

    async def press(number: int, kind: Separation) -> Job | None:
        parts = await AnotherTry(store, studios).parts_anew(tried, kind, 7)
        return await paying.open(
            a_reply(NOON, number), "Again", parts, None, asker=Asker(user_id=number), separation_type=kind
        )

    presses = [press(number, Separation.ALL_STEMS) for number in range(2, 6)]
    outcomes = await asyncio.gather(*presses, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(PaidForAlreadyError) == 3
    # The very same press at another process, and what is another thing to pay for.
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Job)]
    assert await press(winner.reply.interaction_id, Separation.ALL_STEMS) is None
    assert await press(6, Separation.TWO_STEMS)
    # Once it is done, another press takes what was paid for.
    done = replace(winner.parts[0], separation=Task(NOON, "sep", is_done=True))
    await store.save(winner.with_part(0, done).moved(State.TRANSCRIBING, NOON))
    after = await press(7, Separation.ALL_STEMS)
    assert after is not None
    assert after.parts[0].separation is not None
    assert after.parts[0].separation.id == "sep"


@pytest.mark.parametrize(
    ("wanted", "stem", "error"),
    [
        (Separation.ONE_INSTRUMENT, None, InstrumentMissingError),
        (Separation.ONE_INSTRUMENT, "", InstrumentMissingError),
        (Separation.ONE_INSTRUMENT, "kazoo", InstrumentUnknownError),
    ],
)
async def test_one_instrument_that_cannot_be_taken_out_opens_nothing(
    paying: Desk, store: Store, wanted: Separation, stem: str | None, error: type[InputError]
) -> None:
    with pytest.raises(error):
        await paying.open(a_reply(NOON, 1), "Night Drive", [SONG], stem, asker=ASKER, separation_type=wanted)
    assert not await store.has_job(1)


@pytest.mark.parametrize(
    ("wanted", "stem", "kept"),
    [
        (Separation.ONE_INSTRUMENT, "electric guitars", "Electric Guitar"),
        (Separation.ALL_STEMS, "kazoo", "kazoo"),
        (None, "kazoo", "kazoo"),
    ],
)
async def test_an_instrument_is_kept_as_the_studio_calls_it(
    paying: Desk, wanted: Separation | None, stem: str, kept: str
) -> None:
    job = await paying.open(
        a_reply(NOON, 1), "Night Drive", [SONG], stem, asker=ASKER, separation_type=wanted
    )
    assert job is not None
    assert (job.stem, job.separation_type) == (kept, wanted)


async def test_a_studio_that_takes_nothing_apart_is_not_asked_to(desk: Desk) -> None:
    with pytest.raises(NotSeparatedHereError):
        await desk.open(
            a_reply(NOON, 1), "Night Drive", [SONG], None, asker=ASKER, separation_type=Separation.ALL_STEMS
        )


async def test_where_nothing_is_separated_a_stem_is_what_the_song_is(store: Store) -> None:
    studios = Studios(Studio(Moments()), is_here=True)
    timeout = timedelta(minutes=20)
    desk = Desk(store, callback_base=None, job_timeout=timeout, studios=studios, clock=lambda: NOON)
    job = await desk.open(a_reply(NOON, 1), "Night Drive", [SONG], "drums", asker=ASKER)
    assert job is not None
    assert (job.stem, [part.instrument for part in job.parts]) == (None, ["Drums"])
    with pytest.raises(InstrumentNotKnownError):
        await desk.open(a_reply(NOON, 2), "Night Drive", [SONG], "quux", asker=ASKER)


async def test_a_pause_is_said_in_the_owner_s_words_and_ends(store: Store) -> None:
    notices = Notices(store)
    timeout = timedelta(minutes=20)
    desk = Desk(store, callback_base=None, job_timeout=timeout, notices=notices, clock=lambda: NOON)
    for sentence in ("Back at nine.", ""):
        await notices.pause(sentence)
        with pytest.raises(IntakePausedError) as raised:
            await opened(desk)
        assert raised.value.values == {"sentence": sentence}
    await notices.resume()
    assert (await opened(desk)).state is State.RECEIVED


async def test_without_an_admission_there_are_no_manners_to_keep(desk: Desk) -> None:
    assert await desk.manners(Asker(user_id=7, server_id=3)) == NO_RULES


async def test_songs_and_separations_that_are_given_do_not_wait_for_one_another(paying: Desk) -> None:
    given = SongPart(Source.TASK, "song", None, separation=Task(NOON, "sep"))
    for number, part in enumerate([SONG, SONG, given, given, SEPARATED, SEPARATED], 1):
        await opened(paying, part, interaction_id=number)


@pytest.fixture
def limited(store: Store) -> Desk:
    """A desk that gives each person one song a day."""
    admission = Admission(Servers(store._transactions), Limits(per_user=1))
    return Desk(
        store, callback_base=None, job_timeout=timedelta(minutes=20), admission=admission, clock=lambda: NOON
    )


async def test_two_songs_at_once_are_not_both_the_last_one(limited: Desk) -> None:
    outcomes = await asyncio.gather(
        *(opened(limited, interaction_id=number) for number in range(1, 6)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(UserLimitError) == 4


async def test_songs_of_several_members_at_once_are_not_all_the_server_s_last_one(store: Store) -> None:
    admission = Admission(Servers(store._transactions), Limits(per_server=2, per_user=9))
    desk = Desk(
        store, callback_base=None, job_timeout=timedelta(minutes=20), admission=admission, clock=lambda: NOON
    )
    outcomes = await asyncio.gather(
        *(
            opened(desk, interaction_id=member, asker=Asker(user_id=member, server_id=3))
            for member in range(1, 6)
        ),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(ServerLimitError) == 3


async def test_a_song_that_another_process_opened_is_not_refused_for_itself(limited: Desk) -> None:
    await opened(limited, interaction_id=1)
    assert await limited.open(a_reply(NOON, 1), "Night Drive", [SONG], None, asker=ASKER) is None


async def test_two_processes_give_the_last_song_once(database: dict[str, str], tmp_path: Path) -> None:
    url = database.get("database_url")
    if url is None:
        pytest.skip("an SQLite file belongs to one process")
    async with open_database(url, tmp_path) as one, open_database(url, tmp_path) as two:
        desks = [
            Desk(
                Store(opened.transactions, opened.queue, lambda: NOON),
                callback_base=None,
                job_timeout=timedelta(minutes=20),
                admission=Admission(Servers(opened.transactions), Limits(per_user=1)),
                clock=lambda: NOON,
            )
            for opened in (one, two)
        ]
        asked = [
            opened_by(desk, 2 * person + number, person)
            for person in range(1, 26)
            for number, desk in enumerate(desks)
        ]
        taken = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, UserLimitError) for one in taken) == 25
    assert sum(isinstance(one, Job) for one in taken) == 25


async def opened_by(desk: Desk, interaction_id: int, user_id: int) -> Job:
    return await opened(desk, interaction_id=interaction_id, asker=Asker(user_id=user_id))
