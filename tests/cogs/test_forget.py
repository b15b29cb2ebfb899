"""What is deleted is gone: from the database, and from a studio of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import discord
import pytest
from simcord import MemberActor

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button
from bot.chat.shown.result import videos
from bot.chat.shown.views import view_of
from bot.errors import SongDeletedError
from bot.jobs.model import Job
from bot.sound.preview import Preview
from bot.studio.store import Store as StudioStore
from bot.studio.tasks import Task
from tests.cogs.results import finished, forget, more, posted, stranger_at
from tests.cogs.test_library import EMPTY, listing, sheet, task_ids, titles
from tests.kie_server import KieServer
from tests.stage import Stage, pianola, pianola_at, text_of, wav

TakeAway: TypeAlias = Callable[[Stage, discord.Message], Awaitable[None]]


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


async def _deleted_by_its_asker(stage: Stage, message: discord.Message) -> None:
    await delete(stage, message)


async def _forgotten(stage: Stage, _: discord.Message) -> None:
    await forget(stage)


@pytest.mark.parametrize("take_away", [_deleted_by_its_asker, _forgotten])
async def test_sound_stays_until_anothers_try_of_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take_away: TakeAway
) -> None:
    work = _held_up(monkeypatch)
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        message = await stage.reply()
        stranger = stranger_at(stage)
        work.clear()
        await stranger.click(message, label="Run again")
        tried = await _newest_at(stage, stranger, "transcribing")
        await take_away(stage, message)
        folder = tmp_path / "studio"
        assert _files(folder / "uploads")
        work.set()
        assert (await _newest_at(stage, stranger, "done")).id == tried.id
        async with asyncio.timeout(20):
            while _files(folder / "uploads", folder / "results"):  # noqa: ASYNC110 (a folder gives no sign)
                await asyncio.sleep(0.05)


async def test_who_tries_a_song_too_late_is_told(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        first = await stage.reply()
        stranger = stranger_at(stage)
        await stranger.click(first, label="Run again")
        await _newest_at(stage, stranger, "done")
        second = stage.world.channel.last_message
        assert second is not None
        await delete(stage, first)
        await stranger.click(second, label="Run again")
        assert "I no longer have this song. Please send it again." in text_of(await _refusal(stage, stranger))


@pytest.mark.parametrize("take_away", ["delete", "forget"])
async def test_who_takes_away_their_try_of_anothers_song_leaves_them_its_sound(
    tmp_path: Path, take_away: str
) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Bass.wav", wav()))
        await stage.reply()
        first = await stage.ended()
        stranger = stranger_at(stage)
        message = stage.world.channel.last_message
        assert message is not None
        await stranger.click(message, label="Run again")
        tried = await _newest_at(stage, stranger, "done")
        if take_away == "delete":
            await stage.desk.delete(tried)
        else:
            await stage.desk.forget(stranger.id)
        made = {path.stem for path in _files(tmp_path / "studio" / "results")}
        assert made == {task.id for part in first.parts if (task := part.midi)}
        await stage.world.person.click(message, label="Run again")
        again = await stage.ended()
        assert again.id != first.id
        assert again.state == "done"


def _held_up(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The studio begins nothing while this is clear."""
    work, next_pending = asyncio.Event(), StudioStore.next_pending
    work.set()

    async def held_up(store: StudioStore) -> Task | None:
        await work.wait()
        return await next_pending(store)

    monkeypatch.setattr(StudioStore, "next_pending", held_up)
    return work


async def _newest_at(stage: Stage, person: MemberActor, state: str) -> Job:
    """The newest job of somebody, once it is in a state."""
    async with asyncio.timeout(60):
        while (job := await stage.running.store.newest_of(person.id)) is None or job.state != state:  # noqa: ASYNC110 (a row gives no sign)
            await asyncio.sleep(0.01)
    return job


async def _refusal(stage: Stage, person: MemberActor) -> discord.Message:
    await _newest_at(stage, person, "failed")
    message = stage.world.channel.last_message
    assert message is not None
    return message


@pytest.mark.parametrize("action", ["videobegin", "pdf", "solo"])
async def test_what_was_being_made_of_a_deleted_song_is_posted_nowhere(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def made(*_: object, **__: object) -> Any:
        begun.set()
        await go_on.wait()
        return Preview(b"sound", 0.0, 5.0) if action == "solo" else b"a file"

    for name in ("library.preview", "library.engraved", "videos.film"):
        monkeypatch.setattr(f"bot.chat.shown.result.{name}", made)
    monkeypatch.setattr(videos, "available", lambda _: True)
    go_on.set()
    async with pianola_at(kie, tmp_path, preview_seconds="5", video_seconds="30") as stage:
        job, _ = await finished(stage, kie)
        begun.clear()
        go_on.clear()
        button = Button(action, job.id, label="x", place=None if action == "videobegin" else 0)
        message = await posted(stage, view_of(Card(controls=(button,))))
        pressed = asyncio.ensure_future(stage.world.person.click(message, label="x"))
        await begun.wait()
        await stage.running.store.forget(stage.world.person.id)
        go_on.set()
        given = await pressed
    answers = [answer for answer in (given.response, *given.followups) if answer]
    assert [answer.content for answer in answers] == [SongDeletedError().sentence]
    assert not any(answer.message.attachments for answer in answers)
