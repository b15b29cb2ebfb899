"""Where songs are drawn: what is a lot of work holds nobody else's up."""

import threading
from typing import Any, cast

import pytest

from bot.chat.shown.result.library import Library
from bot.chat.shown.result.videos import Videos
from bot.jobs.model import Job
from bot.jobs.work.workshop import MANY_NOTES, workshop
from bot.language import ENGLISH, Language
from bot.music.read.decode import decode
from bot.music.read.parse import read_notes
from bot.music.song import Song
from bot.rounds import Whose
from tests.jobs.storage.test_store import a_job
from tests.music.score import END, smf


class Songs:
    """Reads one song, whichever is asked for."""

    def __init__(self, song: Song) -> None:
        self.song = song

    async def read(self, _job: Job, **_: Any) -> Song:
        return self.song


def where(_job: Job, _song: Song, _say: Language) -> str:
    """The thread that works on it."""
    return threading.current_thread().name


@pytest.mark.parametrize(("tempos", "is_beside"), [(10, True), (MANY_NOTES // 20, False)])
async def test_many_tempos_of_many_tracks_are_worked_on_elsewhere(tempos: int, is_beside: bool) -> None:
    moves = "".join(f"01 ff 51 03 {400_000 + at:06x} " for at in range(tempos))
    tracks = [f"00 ff 03 01 {65 + at:02x} 00 90 {40 + at:02x} 64 60 80 {40 + at:02x} 00" for at in range(20)]
    song = read_notes(decode(smf(moves + END, *tracks)))
    async with workshop() as music:
        library = Library(cast(Any, Songs(song)), music, preview_seconds=0, videos=Videos(seconds=0))
        made = await library.made(a_job(), where, ENGLISH, wanted_by=Whose(1))
    assert made.startswith("music") is is_beside
