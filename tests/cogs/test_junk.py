"""Sound that takes long and is worth nothing, and somebody else's song behind it."""

import asyncio
from pathlib import Path

from bot.jobs.model import Job
from tests.stage import PATIENCE_SECONDS, Stage, pianola, wav
from tests.studio import sounds

BYTES = 4_000_000
"""Measuring grows with it, and takes some seconds at 82 MB (`tests.benchmarks.abuse junk_sound`)."""


async def newest(stage: Stage, user_id: int, count: int) -> list[Job]:
    """So many jobs of a person, at their ends."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            jobs = await stage.running.store.recent_of({user_id}, count)
            if len(jobs) == count and all(job.state.is_final for job in jobs):
                return jobs
            await asyncio.sleep(0.05)


async def test_one_persons_junk_does_not_stand_before_anothers_song(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        world = stage.world
        for name, payload in {"empty.aac": b"", "full.aac": bytes(range(200)) * 2, "more.aac": b""}.items():
            await stage.midi(song=(name, sounds.junk(BYTES, payload)))
        other = world.env.guild.add_member(world.env.create_user("other"))
        await other.slash(world.channel, "midi", song=("song.wav", wav()))
        (song,) = await newest(stage, other.id, 1)
        junk = await newest(stage, world.person.id, 3)
    assert song.state == "done"
    told = {job.parts[0].name: job.error.sentence if job.error else job.notes for job in junk}
    assert all("30 min" in str(told[name]) for name in ("empty.aac", "more.aac"))
    assert told["full.aac"] == 1, "the tone in front is what it is worth"
    ends = sorted([song, *junk], key=lambda job: job.finished_at or job.created_at)
    assert song is not ends[-1], "it had its turn before the last of them"
