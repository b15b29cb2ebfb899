"""What a job says of itself."""

import pytest

from bot.jobs.model import Cost, State, first_stage
from bot.jobs.song_part import SongPart, Source, Task
from tests.jobs.storage.test_store import NOON, a_job

GIVEN = SongPart(Source.ADDRESS, "a.wav", "https://example.com/a.wav")
UPLOADED = SongPart(Source.ADDRESS, "a.wav", None, upload_url="https://studio.example.com/a.wav")
SEPARATED = SongPart(Source.TASK, "song", None, separation=Task(sent_at=NOON, id="a", is_done=True))
SCORE = SongPart(Source.ADDRESS, "a.mid", None, is_score=True)


@pytest.mark.parametrize(
    ("parts", "stage"),
    [
        ([GIVEN], State.UPLOADING),
        ([UPLOADED], State.SEPARATING),
        ([SEPARATED], State.TRANSCRIBING),
        ([SCORE], State.RENDERING),
        ([GIVEN, SEPARATED], State.UPLOADING),
    ],
)
def test_the_work_begins_where_what_is_there_ends(parts: list[SongPart], stage: State) -> None:
    assert first_stage(parts) is stage


def test_of_a_part_that_is_not_there_no_task_is_known() -> None:
    job = a_job(parts=(SEPARATED,))
    assert job.task_id(0, "separation") == "a"
    assert job.task_id(1, "separation") is None


@pytest.mark.parametrize(
    ("credits_said", "cost"),
    [(9.0, Cost(9.0, is_said=True)), (0.0, Cost(0.0, is_said=True)), (None, Cost(10.0, is_said=False))],
)
def test_what_was_said_of_the_cost_counts_for_more_than_the_list(
    credits_said: float | None, cost: Cost
) -> None:
    task = Task(sent_at=NOON, id="a", is_done=True, listed_credits=10.0, credits=credits_said)
    assert a_job(parts=(SongPart(Source.ADDRESS, "a.wav", None, separation=task),)).cost == cost


def test_a_job_goes_forward_only_and_answers_only_what_was_asked() -> None:
    job = a_job(state=State.RENDERING)
    for state in (State.RENDERING, State.SEPARATING):
        with pytest.raises(ValueError, match="cannot go from"):
            job.moved(state, NOON)
    with pytest.raises(ValueError, match="nothing was asked"):
        job.answered("yes", NOON)
