"""What comes late into an answer: it leaves a question there, and what the song became meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.chat.shown.cards import Card
from bot.chat.shown.result.library import Library
from bot.chat.shown.views import asking_to_delete
from bot.jobs.model import Job
from bot.language import ENGLISH
from bot.music.song import Song
from bot.sound.preview import Preview
from tests.cogs.results import finished, labels, more
from tests.kie_server import KieServer
from tests.stage import PATIENCE_SECONDS, pianola_at, text_of


def _held_preview(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The first preview arrives once this is set."""
    go_on, first = asyncio.Event(), iter([True])

    async def late(_song: Song, **_: Any) -> Preview:
        if next(first, False):
            await go_on.wait()
        return Preview(b"sound", 0.0, 5.0)

    monkeypatch.setattr("bot.chat.shown.result.library.preview", late)
    return go_on


async def test_the_question_stays_when_the_preview_arrives(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = _held_preview(monkeypatch)
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        answer = await stage.shown("instrument")
        await more(stage.world.person, answer, "delete")
        asked = labels(await answer.fetch())
        assert asked[-2:] == ["Delete for good", "Keep it"]
        go_on.set()
        answer = await stage.reply()
        assert labels(answer) == asked
        assert "song.ogg" in [file.filename for file in answer.attachments]
        await stage.world.person.click(answer, label="Keep it")
        assert labels(await answer.fetch()) == asked[:-2]


async def test_the_question_stays_when_the_song_changes_meanwhile(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        job, answer = await finished(stage, kie)
        person = stage.world.person
        view = await more(person, answer, "view")

        async def asked_meanwhile(_song: Song, **_: Any) -> Preview:
            await answer.edit(view=asking_to_delete(answer, job.id, ENGLISH))
            return Preview(b"sound", 0.0, 5.0)

        monkeypatch.setattr("bot.chat.shown.result.library.preview", asked_meanwhile)
        await person.submit_modal(view, {"semitones": ["2"], "from": "", "to": ""})
        answer = await stage.reply()
        assert "2 semitones higher." in text_of(answer)
        assert labels(answer)[-2:] == ["Delete for good", "Keep it"]


async def test_a_preview_that_arrives_late_leaves_a_changed_song_as_it_is(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = _held_preview(monkeypatch)

    async def without_preview(_library: Library, card: Card, _job: Job, _song: Song) -> Card:
        return card

    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        answer = await stage.shown("instrument")
        view = await more(stage.world.person, answer, "view")
        given = {"semitones": ["2"], "from": "", "to": ""}
        monkeypatch.setattr("bot.chat.shown.result.library.Library.with_preview", without_preview)
        await stage.world.person.submit_modal(view, given)
        go_on.set()
        assert "2 semitones higher." in text_of(await stage.reply())


async def test_no_result_waits_for_the_previews_of_others(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def late(_song: Song, **_: Any) -> Preview:
        await go_on.wait()
        return Preview(b"sound", 0.0, 5.0)

    monkeypatch.setattr("bot.chat.shown.result.library.preview", late)
    for module in ("bot.chat.shown.result.library", "bot.jobs.work.steps"):
        monkeypatch.setattr(f"{module}.AT_ONCE", 8)
    songs = 8
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:

        def files() -> list[str]:
            return [
                file.filename for message in stage.world.channel.history() for file in message.attachments
            ]

        async def until(ending: str, count: int) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    if sum(name.endswith(ending) for name in files()) >= count:
                        return
                    await asyncio.sleep(0.01)

        for _ in range(songs):
            await stage.midi(task_id=kie.add_separation().id)
        await until(".mid", songs)
        assert not any(name.endswith(".ogg") for name in files())
        go_on.set()
        # Those that were in line: of 6 places one person takes no more than are left for others.
        await until(".ogg", 3)
        await stage.ended()
