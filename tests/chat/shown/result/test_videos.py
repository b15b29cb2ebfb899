"""Videos in turns: one at a time, one for each person, and nobody waits for ever."""

import asyncio
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.chat.shown.result import videos
from bot.chat.shown.result.videos import Progress, Scene, Videos, under_way
from bot.language import ENGLISH
from bot.music.song import Song
from bot.rounds import Whose
from bot.video.errors import VideoLineError, VideoUnderWayError
from bot.video.shot import Shot, Which
from tests.chat.conftest import a_job, a_song

SCENE = Scene(Shot(Song(()), (), (), (), (), "", 0.0, 10.0, 8.0), "song", can_be_whole=True)
ONE, OTHER = Whose(1, 5), Whose(2, 5)


class Maker:
    """Stands in for the process; each video is ended by hand."""

    def __init__(self) -> None:
        self.ends: list[asyncio.Event] = []

    async def film(
        self, _shot: Shot, *, most_bytes: int, sound_font: Path | None, told: Callable[[int], None]
    ) -> bytes:
        assert (most_bytes, sound_font) == (10, None)
        end = asyncio.Event()
        self.ends.append(end)
        told(50)
        await end.wait()
        return b"mp4"


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    made = Maker()
    monkeypatch.setattr(videos, "film", made.film)
    return made


async def wanted(shop: Videos, whose: Whose, progress: Progress) -> bytes:
    made = await shop.make(SCENE, wanted_by=whose, most_bytes=10, progress=progress)
    return made.mp4


async def test_one_is_made_at_a_time_and_who_waits_sees_that(maker: Maker) -> None:
    shop = Videos(seconds=30)
    first, second = Progress(), Progress()
    works = [
        asyncio.create_task(wanted(shop, ONE, first), name="first"),
        asyncio.create_task(wanted(shop, OTHER, second), name="second"),
    ]
    await asyncio.sleep(0.01)
    assert len(maker.ends) == 1
    assert under_way(first, ENGLISH) == "⏳ Making the video: 50%"
    assert "Yours comes after it" in under_way(second, ENGLISH)
    maker.ends[0].set()
    assert await works[0] == b"mp4"
    await asyncio.sleep(0.01)
    assert under_way(second, ENGLISH) == "⏳ Making the video: 50%"
    maker.ends[1].set()
    assert await works[1] == b"mp4"


@pytest.mark.usefixtures("maker")
async def test_a_person_has_one_under_way() -> None:
    shop = Videos(seconds=30)
    async with shop.turn(ONE):
        async with shop.turn(OTHER):
            pass
        with pytest.raises(VideoUnderWayError):
            async with shop.turn(ONE):
                pytest.fail("a second one")
    async with shop.turn(ONE):
        pass


async def test_who_waits_too_long_is_told(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "_LONGEST_WAIT_SECONDS", 0.02)
    shop = Videos(seconds=30)
    work = asyncio.create_task(wanted(shop, ONE, Progress()), name="first")
    await asyncio.sleep(0)
    with pytest.raises(VideoLineError):
        await wanted(shop, OTHER, Progress())
    maker.ends[0].set()
    assert await work == b"mp4"


async def test_without_seconds_there_are_none() -> None:
    assert not await Videos(seconds=0).are_possible()


def test_a_very_long_song_is_cut_in_a_process_of_its_own() -> None:
    cut = pickle.loads(pickle.dumps(Videos(seconds=30).cut(Which.LIVELIEST)))  # noqa: S301 - our own
    scene = cut(a_job(), a_song("Piano"), ENGLISH)
    assert pickle.loads(pickle.dumps(scene)).stem == "Night-Drive"  # noqa: S301 - our own
