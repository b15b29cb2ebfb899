"""A video as an mp4 file: made in a process of its own, read back with PyAV."""

import asyncio
import shutil
from collections.abc import Iterator

import numpy as np
import pytest

from bot.music.song import Note, Song
from bot.video import film as module
from bot.video import mp4
from bot.video import places as at
from bot.video.colours import lit
from bot.video.errors import NoVideoError, VideoError, VideoTooLargeError
from bot.video.film import available, film
from bot.video.mp4 import Rates
from bot.video.places import place
from bot.video.shot import Shot, Which, shot
from tests.left_running import children
from tests.sound.listen import loudness, share_of_pitch
from tests.video.songs import kit, piano, scale
from tests.video.watch import boxes, is_near, watched

needs_video = pytest.mark.skipif(not available(), reason="no synthesizer or encoder is installed")
ROOM = 8 * 1024 * 1024


def a_shot(song: Song | None = None) -> Shot:
    return shot(song or piano(Note(69, 0.5, 1.5, 110), Note(76, 2.0, 2.5, 110)), "Night", Which.WHOLE, 30)


def assert_is_a_video(made: bytes, wanted: Shot) -> None:
    seen = watched(made, at={30, 50})
    assert seen.codecs == ("h264", "aac")
    assert (seen.pixels, seen.size, seen.rate) == ("yuv420p", (854, 480), 30)
    assert seen.seconds == pytest.approx(wanted.seconds, abs=0.1)
    assert seen.samples.shape[1] / 48_000 == pytest.approx(wanted.seconds, abs=0.1)
    assert boxes(made).index("moov") < boxes(made).index("mdat"), "it plays before all of it is there"
    assert loudness(seen.samples, 0.7, 1.4) > 0.02
    assert loudness(seen.samples, 0.7, 1.4) > 20 * loudness(seen.samples, 0.05, 0.4), (
        "sound is where its note is"
    )
    assert share_of_pitch(seen.samples, 69, 0.6, 1.4) > 0.8
    rows = place(wanted.song, wanted.legend).pitched
    assert rows is not None
    row = 69 - rows.lowest
    y = int(rows.rows.edges[row] + rows.rows.edges[row + 1]) // 2
    during, between = seen.frames
    assert is_near(during[y, at.LINE + 20], lit(0))
    assert not is_near(between[y, at.LINE - 30], lit(0))


@needs_video
@pytest.mark.slow
async def test_a_video_plays_what_it_shows() -> None:
    wanted, heard = a_shot(), list[int]()
    made = await film(wanted, most_bytes=ROOM, told=heard.append)
    assert_is_a_video(made, wanted)
    assert len(made) < 60_000 * wanted.seconds
    assert heard == sorted(heard)
    assert set(heard) <= set(range(101))
    assert not children()


@needs_video
@pytest.mark.slow
async def test_half_a_minute_of_a_band_is_small_and_tells_how_far_it_is() -> None:
    song = Song((*piano(*scale(200, 0.25)).tracks, kit(50)))
    heard = list[int]()
    made = await film(shot(song, "Band", Which.LIVELIEST, 30), most_bytes=ROOM, told=heard.append)
    seen = watched(made, at={100, 101, 400})
    assert seen.seconds == pytest.approx(30, abs=0.1)
    assert len(made) < 2_500_000
    assert heard
    first, second, third = (frame.astype(int) for frame in seen.frames)
    assert abs(first - second).max() > 100
    assert abs(first - third).max() > 100


_PROGRAMS_ALONE = """
from bot.sound import engines
from bot.video import mp4
from bot.video.__main__ import main
engines.SYNTHESIZERS, engines.ENCODERS = engines.SYNTHESIZERS[1:], engines.ENCODERS[1:]
mp4.ENCODERS = mp4.ENCODERS[1:]
main()
"""


@needs_video
@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(shutil.which, ("fluidsynth", "ffmpeg"))), reason="fluidsynth or ffmpeg is not installed"
)
async def test_the_programs_alone_make_the_same_video(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAKER", ("-c", _PROGRAMS_ALONE))
    wanted = a_shot()
    assert_is_a_video(await film(wanted, most_bytes=ROOM), wanted)


@needs_video
@pytest.mark.slow
async def test_a_long_video_keeps_within_what_the_channel_takes() -> None:
    rng = np.random.default_rng(1)
    notes = [
        Note(int(pitch), float(start), float(start) + 0.2, 100)
        for pitch, start in zip(rng.integers(30, 100, 1500), np.sort(rng.uniform(0, 15, 1500)), strict=True)
    ]
    most = 420_000  # as five minutes are within 7.5 MB
    made = await film(shot(piano(*notes), "Full", Which.WHOLE, 30), most_bytes=most)
    assert len(made) <= most
    assert watched(made, at=set()).seconds == pytest.approx(17.2, abs=0.3)


def test_rates_leave_room_for_the_sound() -> None:
    half_a_minute, long, hopeless = (Rates.within(size, 300) for size in (80_000_000, 10_000_000, 1))
    assert half_a_minute == Rates(picture=1_500_000, sound=96_000)
    assert (long.picture + long.sound) * 300 / 8 < 10_000_000
    assert long.sound < half_a_minute.sound
    assert hopeless.picture > 0


@needs_video
async def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(VideoTooLargeError) as caught:
        await film(a_shot(), most_bytes=1000)
    assert "larger than the 0 MB" in caught.value.sentence


def maker(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another process in the maker's place."""
    monkeypatch.setattr(module, "available", lambda _: True)
    monkeypatch.setattr(module, "_MAKER", ("-c", script))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('no such codec')", "no such codec"),
        ("import os; os._exit(7)", "ended with 7"),
        ("", "ended with 0"),
    ],
)
async def test_an_encoder_that_fails_is_told_with_its_sentence(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker(monkeypatch, script)
    with pytest.raises(VideoError, match=said) as caught:
        await film(a_shot(), most_bytes=ROOM)
    assert caught.value.sentence.startswith("I couldn't make the video. Please try again")


async def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    maker(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(module, "_PATIENCE_A_SECOND", 0.0)
    with pytest.raises(VideoError, match="took over"):
        await film(a_shot(), most_bytes=ROOM)
    assert not children()


async def test_who_stops_waiting_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    maker(monkeypatch, "import time; time.sleep(600)")
    waiting = asyncio.create_task(film(a_shot(), most_bytes=ROOM), name="film")
    while not children():  # noqa: ASYNC110 - a process that starts has no event to wait for
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not children()


@needs_video
async def test_an_ffmpeg_that_cannot_do_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "from bot.video import mp4\nmp4._QUALITY = 'x'\n" + _PROGRAMS_ALONE
    maker(monkeypatch, bad)
    if shutil.which("ffmpeg") is None or shutil.which("fluidsynth") is None:
        pytest.skip("fluidsynth or ffmpeg is not installed")
    with pytest.raises(VideoError, match="ffmpeg ended with"):
        await film(a_shot(), most_bytes=ROOM)


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mp4, "ENCODERS", ())
    available.cache_clear()
    yield
    available.cache_clear()


@pytest.mark.usefixtures("no_encoder")
async def test_without_an_encoder_there_are_no_videos() -> None:
    assert not await asyncio.to_thread(available)
    with pytest.raises(NoVideoError):
        await film(a_shot(), most_bytes=ROOM)
