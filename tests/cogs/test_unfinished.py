"""What was pressed and is worked on when the bot ends: who waits is told, and a changed song is shown so."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from sqlalchemy.exc import TimeoutError as NoAnswer

from bot.chat.discord import unfinished
from bot.chat.discord.ways import Ways
from bot.chat.shown.result.library import Library
from bot.errors import NothingSavedError, SongGoneError
from bot.jobs.storage import presses
from bot.jobs.storage.presses import Presses
from bot.jobs.work.retelling import Retelling
from cogs import _more
from tests.cogs.results import finished, more, notes_of
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at, text_of

RESTARTED = "I was restarted while I worked on this. Please try it once more."

HIGHER = {"semitones": ["2"], "from": "", "to": ""}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served is kept at once, and taken for left at the next look, which the test has."""
    monkeypatch.setattr("bot.app.SEEN_EVERY", timedelta(hours=1))
    # Time stands still in the simulated Discord while something is worked on.
    monkeypatch.setattr(unfinished, "_KEPT_AFTER_SECONDS", 0)
    monkeypatch.setattr(presses, "_LEFT_AFTER", timedelta(seconds=-60))


class Drawing:
    """Stands in for the process that draws sheets: it takes until the bot ends."""

    def __init__(self) -> None:
        self.is_begun, self.bot_ends = asyncio.Event(), asyncio.Event()
        self.ends_in: BaseException = asyncio.CancelledError()

    async def draw(self, *_: Any, **__: Any) -> bytes:
        self.is_begun.set()
        await self.bot_ends.wait()
        raise self.ends_in


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawing]:
    drawing = Drawing()
    monkeypatch.setattr(Library, "engraved", drawing.draw)
    yield drawing
    drawing.bot_ends.set()


async def kept(stage: Stage) -> dict[str, str]:
    return await stage.running.store.facts_named("press ")


async def until_kept(stage: Stage) -> None:
    while not await kept(stage):  # noqa: ASYNC110 (written beside the press)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def changing(tmp_path: Path, kie: KieServer) -> AsyncIterator[tuple[Stage, discord.Message, Any]]:
    """A finished song whose asker is about to change its key: its answer, and the open modal."""
    async with pianola_at(kie, tmp_path, preview_seconds="0") as stage:
        answer = await a_result(stage, kie)
        yield stage, answer, await more(stage.world.person, answer, "view")


@asynccontextmanager
async def drawn(
    tmp_path: Path, kie: KieServer, drawing: Drawing
) -> AsyncIterator[tuple[Stage, asyncio.Task[Any]]]:
    """A finished song whose sheet is being drawn: the press that waits for it."""
    async with pianola_at(kie, tmp_path, preview_seconds="0") as stage:
        answer = await a_result(stage, kie)
        pressing = asyncio.create_task(stage.world.person.click(answer, label="Sheet"))
        await drawing.is_begun.wait()
        yield stage, pressing


async def is_away(*_: Any, **__: Any) -> None:
    raise NoAnswer


async def a_result(stage: Stage, kie: KieServer) -> discord.Message:
    kie.notes = notes_of("Piano", "Bass")
    _, answer = await finished(stage, kie)
    return answer


async def test_who_waits_when_the_bot_is_stopped_is_told(
    tmp_path: Path, kie: KieServer, drawing: Drawing
) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="0") as stage:
        answer = await a_result(stage, kie)
        person = stage.world.person
        async with stage.world.bot.unfinished.running():
            pressing = asyncio.create_task(person.click(answer, label="Sheet"))
            await drawing.is_begun.wait()
        given = await pressing
        assert given.response
        assert given.response.content == RESTARTED
        await stage.world.bot.unfinished.look()
        assert given.response.content == RESTARTED


async def test_who_waited_when_the_bot_was_killed_is_told_by_the_next_one(
    tmp_path: Path, kie: KieServer, drawing: Drawing
) -> None:
    async with drawn(tmp_path, kie, drawing) as (stage, pressing):
        await until_kept(stage)
        drawing.bot_ends.set()
        given = await pressing
        await stage.world.bot.unfinished.look()
        assert given.response
        assert given.response.message.content == RESTARTED
        assert await kept(stage) == {}


@pytest.mark.parametrize("end", [asyncio.CancelledError, OSError])
async def test_a_change_whose_answer_was_not_reached_is_shown_by_the_next_look(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    async def not_reached(*_: Any) -> None:
        raise end

    async with changing(tmp_path, kie) as (stage, answer, view):
        monkeypatch.setattr(_more, "repaint", not_reached)
        await stage.world.person.submit_modal(view, HIGHER)
        assert "semitones" not in text_of(await answer.fetch())
        await stage.world.bot.unfinished.look()
        assert "2 semitones higher." in text_of(await answer.fetch())
        assert await kept(stage) == {}


async def test_a_change_that_was_never_made_is_to_be_asked_for_again(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_begun(*_: Any) -> None:
        raise asyncio.CancelledError

    async with changing(tmp_path, kie) as (stage, answer, view):
        monkeypatch.setattr(Retelling, "with_view", not_begun)
        given = await stage.world.person.submit_modal(view, HIGHER)
        before = text_of(answer)
        await stage.world.bot.unfinished.look()
        assert text_of(await answer.fetch()) == before
        assert [one.content for one in given.followups] == [RESTARTED]
        assert given.followups[0].ephemeral


async def test_what_was_served_leaves_nothing_behind(tmp_path: Path, kie: KieServer) -> None:
    async with changing(tmp_path, kie) as (stage, answer, view):
        await stage.world.person.submit_modal(view, HIGHER)
        refused = await stage.world.person.submit_modal(
            await more(stage.world.person, answer, "view"), {"semitones": ["0"], "from": "9:00", "to": ""}
        )
        assert refused.followups
        assert await kept(stage) == {}


async def test_what_there_was_no_time_to_tell_is_told_by_the_next_one(
    tmp_path: Path, kie: KieServer, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_time(*_: Any) -> None:
        raise asyncio.CancelledError

    async def stop(stage: Stage) -> None:
        async with stage.world.bot.unfinished.running():
            pass

    async with pianola_at(kie, tmp_path, preview_seconds="0") as stage:
        answer = await a_result(stage, kie)
        monkeypatch.setattr(unfinished, "_KEPT_AFTER_SECONDS", 60)
        pressing = asyncio.create_task(stage.world.person.click(answer, label="Sheet"))
        await drawing.is_begun.wait()
        with monkeypatch.context() as ending:
            ending.setattr(Ways, "put", no_time)
            with pytest.raises(asyncio.CancelledError):
                await stop(stage)
        given = await pressing
        await stage.world.bot.unfinished.look()
        assert given.response
        assert given.response.message.content == RESTARTED


async def test_a_database_that_is_away_meanwhile_loses_nobody(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_reached(*_: Any) -> None:
        raise asyncio.CancelledError

    async with changing(tmp_path, kie) as (stage, answer, view):
        with monkeypatch.context() as ending:
            ending.setattr(_more, "repaint", not_reached)
            await stage.world.person.submit_modal(view, HIGHER)
        with monkeypatch.context() as away:
            away.setattr(stage.running.store, "get", is_away)
            with pytest.raises(NoAnswer):
                await stage.world.bot.unfinished.look()
        await stage.world.bot.unfinished.look()
        assert "2 semitones higher." in text_of(await answer.fetch())
        assert await kept(stage) == {}


async def test_what_is_worked_on_here_is_not_taken_for_left(
    tmp_path: Path, kie: KieServer, drawing: Drawing
) -> None:
    async with drawn(tmp_path, kie, drawing) as (stage, pressing):
        await until_kept(stage)
        await stage.world.bot.unfinished.look()
        assert len(await kept(stage)) == 1
        drawing.bot_ends.set()
        given = await pressing
        assert given.response
        assert given.response.message.content != RESTARTED


async def test_an_answer_that_stands_is_not_written_over_when_the_database_was_away(
    tmp_path: Path, kie: KieServer, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drawn(tmp_path, kie, drawing) as (stage, pressing):
        await until_kept(stage)
        drawing.ends_in = SongGoneError()
        with monkeypatch.context() as away:
            away.setattr(Presses, "drop", is_away)
            drawing.bot_ends.set()
            given = await pressing
        assert len(await kept(stage)) == 1
        await stage.world.bot.unfinished.look()
        assert await kept(stage) == {}
        assert given.response
        assert given.response.message.content == SongGoneError().sentence


async def test_who_was_told_that_a_change_failed_is_not_told_of_a_restart(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with changing(tmp_path, kie) as (stage, _, view):
        monkeypatch.setattr(Retelling, "with_view", is_away)
        given = await stage.world.person.submit_modal(view, HIGHER)
        await stage.world.bot.unfinished.look()
        assert [one.content for one in given.followups] == [NothingSavedError().sentence]
        assert await kept(stage) == {}
