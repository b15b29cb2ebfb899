"""The local page, driven as a person drives it: from typing `/midi` to the downloaded file."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import mido
import pytest
from structlog.testing import capture_logs

from bot.background import beside
from bot.playground import example
from bot.playground.page import page, settled
from bot.sound.preview import Preview
from bot.sound.preview import preview as preview_of
from tests.pages import chromium
from tests.stage import pianola, pitches_of, wav

PRESS_AT_ONCE = """
    const press = () => {
        const found = [...document.querySelectorAll("button")].find(each => each.textContent.trim() === "Make MIDI");
        found ? found.click() : requestAnimationFrame(press);
    };
    requestAnimationFrame(press);
"""


@pytest.mark.browser
async def test_a_song_typed_into_the_page_comes_back_as_a_file(
    tmp_path: Path, requires_program: Callable[[str], str]
) -> None:
    requires_program("chromium")
    requires_program("chromedriver")
    song = tmp_path / "Night Drive.wav"
    song.write_bytes(wav())
    async with pianola(tmp_path / "data") as stage, page(stage.world, 0) as preview:
        downloaded = await asyncio.to_thread(_ask_for_midi, preview.url, song)
    assert sorted(set(pitches_of(downloaded))) == [60, 62, 64, 67, 71, 72]


@pytest.mark.browser
async def test_a_press_in_the_first_moment_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requires_program: Callable[[str], str]
) -> None:
    requires_program("chromium")
    requires_program("chromedriver")
    # The example is there before the page is, as for somebody who takes a while to open it.
    monkeypatch.setattr(example, "preview", _returning(await preview_of(example.song(), start_seconds=0.0)))
    async with (
        pianola(tmp_path) as stage,
        page(stage.world, 0) as preview,
        beside(example.greet(stage.world, partial(settled, preview)), name="greeting"),
    ):
        await asyncio.to_thread(_press_at_once, preview.url)


async def test_what_is_no_request_is_counted_in_the_log_and_leaves_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with pianola(tmp_path) as stage, page(stage.world, 0) as preview:
        at = urlsplit(preview.url)
        with capture_logs() as lines:
            for wrong in (b"GET / HTTP/9.9", b"GET /\x00 HTTP/1.1", b"GET / HTTP/1.1\r\nA: " + 9000 * b"x"):
                reader, writer = await asyncio.open_connection(at.hostname, at.port)
                writer.write(wrong + b"\r\n\r\n")
                assert (await reader.readline()).startswith(b"HTTP/1.0 400")
                writer.close()
    assert [line for line in lines if line["log_level"] == "error"] == []
    assert {line["event"]: line["malformed"] for line in lines} == {"requests.turned_away": 1}
    assert [record for record in caplog.records if record.exc_info] == []


def _returning(made: Preview) -> Callable[..., Awaitable[Preview]]:
    async def returned(*_given: object, **_named: object) -> Preview:
        return made

    return returned


def _press_at_once(address: str) -> None:
    with chromium.chromium(address, script=PRESS_AT_ONCE) as driver:
        chromium.wait_for_reply(driver, "notes", 60)


def _ask_for_midi(address: str, song: Path) -> mido.MidiFile:
    with chromium.chromium(address) as driver:
        chromium.type_command(driver, "midi")
        chromium.attach(driver, "song", song)
        chromium.send(driver)
        chromium.wait_for_reply(driver, "9 notes", 60)
        chromium.screenshot(driver, song.with_name("page.png"))
        return mido.MidiFile(chromium.download(driver, r"Night.Drive\.mid"))
