"""What is deleted is gone: from the database, and from a studio of ours."""

from pathlib import Path

import discord

from tests.cogs.results import forget, more
from tests.cogs.test_library import EMPTY, listing, sheet, task_ids, titles
from tests.kie_server import KieServer
from tests.stage import Stage, pianola, pianola_at, wav


async def test_forget_deletes_all_that_is_kept(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        job = await stage.ended()
        assert (await forget(stage)).startswith("Done: 1 song deleted.")
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.notes(job.id) == {}
        assert await titles(stage, "") == []
        assert sheet(await listing(stage)).embeds[0].description == EMPTY


async def test_forget_stops_what_is_under_way(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        separation = kie.add_separation()
        await stage.midi(task_id=separation.id)
        job = await stage.reached("transcribing")
        await forget(stage)
        assert await stage.running.store.get(job.id) is None
        assert await stage.running.store.wakeups.due_at(job.id) is None
        message = await stage.shown("Deleted, as you asked.")
        assert not message.components


async def test_forget_reaches_the_built_in_studio(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        await stage.ended()
        folder = tmp_path / "studio"
        assert _files(folder / "uploads", folder / "results")
        assert (await forget(stage)).startswith("Done: 1 song deleted.")
        assert not _files(folder / "uploads", folder / "results")


async def test_deleting_a_song_reaches_the_built_in_studio(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        message = await stage.reply()
        await stage.make_midi(("Flute.wav", wav((72, 74))))
        job = await stage.ended()
        folder = tmp_path / "studio"
        assert len(_files(folder / "uploads")) == 2
        await delete(stage, message)
        assert len(_files(folder / "uploads")) == 1
        shown = await listing(stage)
        await stage.world.person.select(sheet(shown), [job.id], custom_id="pianola-songs:drop:0")
        await stage.world.person.click(sheet(shown), label="Delete")
        assert not _files(folder / "uploads", folder / "results")
    for name in (b"Bass", b"Flute"):
        assert not [path for path in folder.glob("studio.sqlite3*") if name in path.read_bytes()]


async def delete(stage: Stage, message: discord.Message) -> None:
    """Press it, and say yes."""
    await more(stage.world.person, message, "delete")
    await stage.world.person.click(await message.fetch(), label="Delete for good")


async def test_sound_that_another_try_needs_goes_with_the_last_one(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        first = await stage.reply()
        await stage.world.person.click(first, label="Run again")
        second = await stage.reply()
        folder = tmp_path / "studio"
        await delete(stage, first)
        assert _files(folder / "uploads")
        await delete(stage, second)
        assert not _files(folder / "uploads", folder / "results")


def _files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.iterdir()]


async def test_forget_takes_the_separations_along(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        await stage.ended()
        assert len(await task_ids(stage)) == 1
        await forget(stage)
        assert await task_ids(stage) == []
