"""A database that cannot be written: whoever asks is told, the studio is left in peace, and songs go on afterwards."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import NothingSavedError
from bot.jobs.storage.databases.sqlite import DATABASE
from tests.kie_server import CallbackPlan, KieServer
from tests.stage import Stage, pianola_at, told

SORRY = NothingSavedError().sentence


@contextmanager
def unwritable(data_dir: Path) -> Iterator[None]:
    """Another program holds the database, as a full disk does: nothing can be written, everything read."""
    with closing(
        sqlite3.connect(data_dir / DATABASE, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_command_is_answered_within_its_three_seconds(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        with unwritable(tmp_path):
            async with asyncio.timeout(3):
                assert told(await stage.midi(task_id=kie.add_separation().id)) == SORRY
        await stage.midi(task_id=kie.add_separation().id)
        assert (await stage.ended()).state == "done"


async def test_songs_under_way_go_on_when_it_can_be_written_again(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path, poll_seconds="1") as stage:
        kie.plan = CallbackPlan(copies=0)
        for number in range(3):
            await stage.midi(task_id=kie.add_separation().id)
            while await _known_tasks(stage) <= number:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.01)
        asked = len(kie.requests)
        with unwritable(tmp_path):
            for task in [task for task in kie.tasks.values() if task.kind == "midi"]:
                await kie.finish(task.id)
            # Longer than three looks at the usual pace.
            await asyncio.sleep(3.5)
            # Each song is looked at once, and its outcome waits to be written.
            assert len(kie.requests) - asked <= 6
        assert (await stage.ended()).state == "done"


async def _known_tasks(stage: Stage) -> int:
    """How many of the person's songs know their task at the studio."""
    mine = await stage.running.store.recent_of({stage.world.person.id})
    return sum(job.parts[0].midi is not None and job.parts[0].midi.id is not None for job in mine)
