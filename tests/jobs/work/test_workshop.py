"""Where notes are worked on: in a thread, and very long songs in a process of their own."""

import asyncio
import os
import threading
import time
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from bot.errors import SongTooHeavyError
from bot.jobs.work import workshop as module
from bot.jobs.work.__main__ import MOST_MEMORY_BYTES
from bot.jobs.work.workshop import MANY_NOTES, workshop
from bot.music.errors import MidiTooLongError
from bot.rounds import Whose

WHOSE = Whose(1)


def place() -> tuple[int, str]:
    return os.getpid(), threading.current_thread().name


def fail() -> None:
    raise ValueError("as it was raised")


def refuse() -> None:
    raise MidiTooLongError("over", limit_mb=10, notes=400_000, tracks=1024)


def swell() -> int:
    return len(bytes(MOST_MEMORY_BYTES))


def import_at_the_limit() -> None:
    raise ImportError("libnumpy.so: failed to map segment from shared object")


def die() -> None:
    os.kill(os.getpid(), 9)


def linger() -> None:
    time.sleep(600)


def talk() -> str:
    print("words of a library")  # noqa: T201 (that is what some do)
    return "the answer"


async def test_an_ordinary_song_is_worked_on_in_one_thread() -> None:
    async with workshop() as music:
        places = {await music.do(WHOSE, 100, place) for _ in range(3)}
    assert places == {(os.getpid(), "music_0")}


async def test_a_very_long_song_is_worked_on_in_another_process() -> None:
    async with workshop() as music:
        process, _ = await music.do(WHOSE, MANY_NOTES, place)
        assert await music.do(WHOSE, MANY_NOTES, talk) == "the answer"
    assert process != os.getpid()


@pytest.mark.parametrize("notes", [1, MANY_NOTES])
async def test_what_goes_wrong_there_is_told_here(notes: int) -> None:
    async with workshop() as music:
        with pytest.raises(ValueError, match="as it was raised"):
            await music.do(WHOSE, notes, fail)
        with pytest.raises(MidiTooLongError, match="over") as caught:
            await music.do(WHOSE, notes, refuse)
    assert "1024 tracks" in caught.value.sentence


@pytest.mark.parametrize("work", [swell, import_at_the_limit, die])
async def test_what_would_take_all_memory_or_is_killed_is_one_sentence_for_that_song(
    work: Callable[[], object],
) -> None:
    async with workshop() as music:
        with pytest.raises(SongTooHeavyError):
            await music.do(WHOSE, MANY_NOTES, work)
        assert await music.do(WHOSE, MANY_NOTES, talk) == "the answer", "the next song is worked on"


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SECONDS", 0.1)
    async with workshop() as music:
        with pytest.raises(SongTooHeavyError, match="took over"):
            await music.do(WHOSE, MANY_NOTES, linger)


@pytest.mark.parametrize("notes", [1, MANY_NOTES])
async def test_one_persons_many_songs_do_not_stand_before_anothers(notes: int) -> None:
    done: list[str] = []
    async with workshop() as music:

        async def make(name: str) -> None:
            await music.do(Whose(name[0], "server"), notes, talk)
            done.append(name)

        await asyncio.gather(*(make(name) for name in ("a1", "a2", "a3", "b1")))
    assert done == ["a1", "b1", "a2", "a3"]


async def test_what_cannot_be_prepared_is_told_in_the_log_and_holds_up_nobody() -> None:
    with capture_logs() as events:
        async with workshop() as music:
            music.prepare(fail)
            _, thread = await music.do(WHOSE, 1, place)
    assert thread.startswith("music")
    assert [event["event"] for event in events] == ["rehearsal.failed"]
