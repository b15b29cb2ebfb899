"""Where notes are worked on: in a thread, and very long songs in a process of their own."""

import os
import threading

import pytest

from bot.jobs.work.workshop import MANY_NOTES, workshop


def place() -> tuple[int, str]:
    return os.getpid(), threading.current_thread().name


def fail() -> None:
    raise ValueError("as it was raised")


async def test_an_ordinary_song_is_worked_on_in_one_thread() -> None:
    async with workshop() as music:
        places = {await music.do(100, place) for _ in range(3)}
    assert places == {(os.getpid(), "music_0")}


async def test_a_very_long_song_is_worked_on_in_another_process() -> None:
    async with workshop() as music:
        process, _ = await music.do(MANY_NOTES, place)
    assert process != os.getpid()


@pytest.mark.parametrize("notes", [1, MANY_NOTES])
async def test_what_goes_wrong_there_is_told_here(notes: int) -> None:
    async with workshop() as music:
        with pytest.raises(ValueError, match="as it was raised"):
            await music.do(notes, fail)
