# ruff: noqa: INP001 (run with -m, like the benchmarks it shares its sounds with)
"""Draw the pictures of docs/screenshots: `uv run python -m scripts.screenshots`.

A song of six stems, made of numbers, goes the whole way: posted in the playground's channel, transcribed by the
built-in studio, and answered, in English and in German; its sheet, chords and video are pressed for; then its songs are listed and the server's settings shown.
Chromium looks at the page each time. Needs Debian's chromium and chromium-driver.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Iterator
from functools import partial
from pathlib import Path

import av
import discord
from PIL import Image
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from bot import app
from bot.playground.page import page
from bot.playground.world import simulated
from bot.settings import load
from tests.audio import tagged
from tests.cogs.results import more
from tests.languages import reading
from tests.pages import chromium
from tests.stage import Stage
from tests.studio import sounds

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"

WIDTH, HEIGHT = 1100, 1400
BEAT_SECONDS = 60 / 96
BARS = 24
SECONDS = (4 * BARS + 2) * BEAT_SECONDS

ROOTS = (45, 41, 48, 43)
"""A minor, F, C, G: a bar each, again and again."""
THIRDS = ((0, 3, 7), (0, 4, 7), (0, 4, 7), (0, 4, 7))
TUNE = (
    (0, 76),
    (1.5, 74),
    (2, 72),
    (3, 69),
    (4, 72),
    (5.5, 71),
    (6, 69),
    (7, 65),
    (8, 67),
    (10, 72),
    (11, 74),
    (12, 71),
)

WALK = (60, 64, 67, 72, 69, 65, 60, 62, 67, 71, 74, 67) * 6
"""Half a second each."""

STILL_SECONDS = 9.5
"""Into the video: all play there."""

Stroke = tuple[float, sounds.Samples]
"""A time in beats, and what sounds from there."""


def main() -> None:
    """Draw, and say where."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_draw(Path(folder)))
    for picture in sorted(FOLDER.glob("*.png")):
        sys.stdout.write(f"{picture.name}: {picture.stat().st_size // 1000} kB\n")


async def _draw(folder: Path) -> None:
    settings = load(None, data_dir=str(folder))
    own_server = partial(simulated, is_owner=True)
    async with app.run(settings, own_server, host="127.0.0.1", port=0, is_simulated=True) as running:
        stage = Stage(running)
        async with page(stage.world, 0) as preview:
            stems = await asyncio.to_thread(_stems)
            await stage.make_midi(*stems)
            await _completed(stage)
            await asyncio.to_thread(_look, preview.url, "reply")
            answer = await stage.reply()
            await stage.world.person.click(answer, label="Sheet")
            await asyncio.to_thread(_look, preview.url, "sheet")
            await more(stage.world.person, answer, "chords")
            await asyncio.to_thread(_look, preview.url, "chords")
            with reading("de"):
                await stage.make_midi(*stems)
                await _completed(stage)
            await asyncio.to_thread(_look, preview.url, "german")
            for command, name in (("midis", "midis"), ("pianola settings", "settings")):
                await stage.world.person.slash(stage.world.channel, command)
                await asyncio.to_thread(_look, preview.url, name)
            await _part_of_a_song(stage, preview.url)
            # The page makes a WebM of it, which holds up all that it shows.
            (video,) = (await _newest(stage, more(stage.world.person, answer, "video"))).attachments
            await asyncio.to_thread(_still, await video.read())


async def _part_of_a_song(stage: Stage, address: str) -> None:
    """A song with a cover and tags, of which a part is shown in another key."""
    song = await asyncio.to_thread(
        partial(tagged.mp3, "Morning Walk", "The Examples", tagged.picture(colour="seagreen"), pitches=WALK)
    )
    await stage.midi(song=("final mix 7.mp3", song))
    await _completed(stage)
    asked = await more(stage.world.person, await stage.reply(), "view")
    await stage.world.person.submit_modal(asked, {"semitones": ["-3"], "from": "0:08", "to": "0:24"})
    await stage.shown("Only from")
    await asyncio.to_thread(_look, address, "part")


async def _newest(stage: Stage, press: Awaitable[object]) -> discord.Message:
    """What a press gave to all who are here."""
    await press
    message = stage.world.channel.last_message
    if message is None:
        raise SystemExit("nothing came of it")
    return message


async def _completed(stage: Stage) -> None:
    """Wait for the answer, and for the preview that is added to it later."""
    job = await stage.ended()
    if job.error:
        raise SystemExit(job.error.sentence)
    async with asyncio.timeout(60):
        while True:
            message = stage.world.channel.last_message
            if message and any(file.filename.endswith(".ogg") for file in message.attachments):
                return
            await asyncio.sleep(0.1)


def _look(address: str, name: str) -> None:
    """The newest message of the channel, as a picture."""
    picture = FOLDER / f"{name}.png"
    with chromium.chromium(address) as browser:
        browser.set_window_size(WIDTH, HEIGHT)
        WebDriverWait(browser, 30).until(_is_settled)
        newest = browser.execute_script(
            """
            const newest = document.querySelector("#channel-message-list").lastElementChild;
            newest.scrollIntoView({block: "end"});
            return newest;
            """
        )
        newest.screenshot(str(picture))
    with Image.open(picture) as drawn:
        drawn.convert("RGB").save(picture, optimize=True)


def _still(mp4: bytes) -> None:
    """A frame of a video."""
    with av.open(io.BytesIO(mp4), "r") as container:
        frames = container.decode(video=0)
        frame = next(frame for frame in frames if frame.time and frame.time >= STILL_SECONDS)
        Image.fromarray(frame.to_ndarray(format="rgb24")).save(FOLDER / "video.png", optimize=True)


def _is_settled(browser: WebDriver) -> bool:
    """Whether the page's pictures are drawn, and its players know their length."""
    settled = browser.execute_script(
        """
        const images = [...document.images], players = [...document.querySelectorAll("audio")];
        return images.every(image => image.complete && image.naturalWidth)
            && players.every(player => player.readyState);
        """
    )
    return bool(settled)


def _stems() -> list[tuple[str, bytes]]:
    parts = {
        "Drums": _drums(),
        "Bass": _bass(),
        "Piano": _piano(),
        "Flute": _flute(),
        "Guitar": _guitar(),
        "Strings": _strings(),
    }
    return [
        (
            f"Night Drive - {name}.flac",
            sounds.encoded(sounds.placed([(b * BEAT_SECONDS, s) for b, s in strokes], SECONDS), "flac"),
        )
        for name, strokes in parts.items()
    ]


def _bars(first: int, last: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The beat at which each bar begins, with its root and chord."""
    for bar in range(first, last):
        root = ROOTS[bar % 4]
        yield 4 * bar, root, tuple(root + third for third in THIRDS[bar % 4])


def _drums() -> Iterator[Stroke]:
    for beat, _, _ in _bars(4, BARS):
        for eighth in range(8):
            yield beat + eighth / 2, 0.4 * sounds.hat(eighth)
        for place in (0, 2.5):
            yield beat + place, sounds.kick()
        for place in (1, 3):
            yield beat + place, 0.8 * sounds.snare()


def _bass() -> Iterator[Stroke]:
    for beat, root, _ in _bars(4, BARS):
        for place, step in ((0, 0), (1.5, 0), (2, 7), (3, 12), (3.5, 7)):
            yield beat + place, sounds.tone(root - 12 + step, 0.3, harmonics=12)


def _piano() -> Iterator[Stroke]:
    for beat, _, chord in _bars(0, BARS):
        for eighth, place in enumerate((0, 1, 2, 1, 0, 1, 2, 1)):
            yield beat + eighth / 2, (0.6 + 0.05 * eighth) * sounds.tone(chord[place] + 12, 0.3)


def _flute() -> Iterator[Stroke]:
    for beat, _, _ in list(_bars(8, BARS))[::4]:
        for place, pitch in TUNE:
            yield beat + place, sounds.tone(pitch + 12, 0.5, harmonics=3, decay=1.5)


def _guitar() -> Iterator[Stroke]:
    for beat, _, chord in _bars(12, 20):
        for place in (0.5, 1.5, 2.5, 3.5):
            yield beat + place, sounds.chord([pitch + 12 for pitch in chord], 0.25)


def _strings() -> Iterator[Stroke]:
    for beat, _, chord in _bars(16, BARS):
        for pitch in chord:
            yield beat, sounds.tone(pitch + 24, 2.2, harmonics=8, decay=0.3)


if __name__ == "__main__":
    main()
