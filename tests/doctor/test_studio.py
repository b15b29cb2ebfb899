"""What the doctor learns of who does the work."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import studio
from bot.doctor import studio as module
from bot.findings import Grade
from bot.kie.song_errors import EngineBusyError
from bot.studio.engine import Song, Wanted
from bot.studio.engines.muscriptor import MuScriptor
from bot.studio.worker import SongRefusedError, Worker
from tests.doctor.conftest import Said, examined
from tests.kie_server import Fault, KieServer
from tests.process.bot_process import free_port
from tests.stage import wav
from tests.studio.engines import muscriptor_server
from tests.studio.engines.muscriptor_server import MuScriptorServer

ONE_SECOND = module._one_second


@pytest.mark.parametrize(
    ("left", "kind", "words", "grade"),
    [
        (5916.25, "auto", "5,916.25 credits left", Grade.FINE),
        (99, "auto", "99 credits left", Grade.WEAK),
        (3, "auto", "3 credits are left, and a separation costs 10", Grade.BROKEN),
        (20, "split_stem", "20 credits are left, and a separation costs 50", Grade.BROKEN),
    ],
)
async def test_credits_are_held_against_the_price(
    kie: KieServer, left: float, kind: str, words: str, grade: Grade
) -> None:
    kie.credits = left
    said = await examined("studio", kie_api_key=kie.key, kie_api_url=kie.url, separation_type=kind)
    assert said.that(words).grade is grade


async def test_a_refused_key_is_told_with_where_to_make_one(kie: KieServer) -> None:
    said = await examined("studio", kie_api_key="hidden-word", kie_api_url=kie.url)
    refused = said.that("kie.ai refuses the key (KIE_API_KEY)")
    assert refused.grade is Grade.BROKEN
    assert "kie.ai/api-key" in refused.advised
    assert "hidden" not in said.all_text


async def test_an_unreachable_studio_is_told_with_its_address_and_the_reason() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    said = await examined("studio", kie_api_key="key", kie_api_url=url)
    assert (
        said.that(f"kie.ai at {url} does not answer as it should: Connection refused").grade is Grade.BROKEN
    )
    said = await examined("studio", studio_url=url)
    refused = said.that(f"the studio of STUDIO_URL at {url} does not answer as it should: Connection refused")
    assert refused.grade is Grade.BROKEN
    assert "Look at STUDIO_URL" in refused.advised


@pytest.mark.parametrize(
    "fault",
    [Fault("code", code=500), Fault("garbage"), Fault("code", code=404)],
    ids=["500", "garbage", "404"],
)
async def test_a_studio_whose_credits_alone_fail_is_not_called_broken(kie: KieServer, fault: Fault) -> None:
    kie.break_next("credits", fault, times=3)
    said = await examined("studio", kie_api_key=kie.key, kie_api_url=kie.url)
    assert said.that("does not say how many credits are left").grade is Grade.WEAK
    assert said.worst is Grade.WEAK


async def test_a_studio_that_answers_nothing_right_is_broken(kie: KieServer) -> None:
    for call in ("credits", "separation"):
        kie.break_next(call, Fault("code", code=500, status=500), times=3)
    said = await examined("studio", kie_api_key=kie.key, kie_api_url=kie.url)
    broken = said.that(f"kie.ai at {kie.url} does not answer as it should")
    assert broken.grade is Grade.BROKEN
    assert "500" in broken.values["reason"]


async def test_an_installation_without_the_studio_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda: f"{studio._NOT_HERE} (av is not installed)")
    said = await examined("studio", discord_token="")
    missing = said.that("this installation has no built-in studio: set KIE_API_KEY or STUDIO_URL")
    assert missing.grade is Grade.BROKEN


@pytest.mark.sound
async def test_the_built_in_studio_hears_a_second() -> None:
    said = await examined("studio")
    assert said.that("the built-in studio does the work").grade is Grade.FINE
    assert said.that("hears one second of sound").grade is Grade.FINE


@pytest.mark.sound
async def test_a_built_in_studio_that_breaks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.worker.COMMAND", ("-c", "raise SystemExit(3)"))
    said = await examined("studio")
    broken = said.that("fails at one second of sound: the transcriber ended with 3")
    assert broken.grade is Grade.BROKEN


@pytest.mark.sound
async def test_a_studio_that_hears_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_note_count", lambda _: 0)
    said = await examined("studio")
    assert said.that("heard nothing in one second of a piano").grade is Grade.BROKEN


@pytest.mark.sound
async def test_a_preview_of_a_second_is_made() -> None:
    said = await examined("previews")
    assert said.that("previews: one second took").grade is Grade.FINE


@pytest.mark.sound
async def test_a_preview_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sound.preview._RENDERER", ("-c", "raise SystemExit(3)"))
    said = await examined("previews")
    assert said.that("no preview: one second of it failed").grade is Grade.WEAK


@pytest.fixture
def server() -> Iterator[MuScriptorServer]:
    """MuScriptor's stand-in."""
    with muscriptor_server.serving() as server:
        yield server


@pytest.fixture
def engine(server: MuScriptorServer) -> str:
    return server.url


async def heard_by(url: str, data_dir: str = "data") -> Said:
    return await examined(
        "studio", studio_engine="muscriptor", engine_url=url, engine_licence="CC-BY-NC-4.0", data_dir=data_dir
    )


@pytest.mark.sound
async def test_the_bots_song_goes_on_while_an_engine_is_asked(
    server: MuScriptorServer, tmp_path: Path
) -> None:
    """A server drops a client's song for the newer one of the same client."""
    song = tmp_path / "song.wav"
    bots = tmp_path / "studio" / "cache"
    await asyncio.to_thread(song.write_bytes, wav((60, 64)))

    def hear() -> None:
        wanted = Wanted("Acoustic Grand Piano")
        MuScriptor(server.url, bots).transcribe(Song(song, 60.0), wanted, lambda _: None)

    await asyncio.to_thread(hear)
    said = await heard_by(server.url, data_dir=str(tmp_path))
    assert said.that("MuScriptor hears one second of sound").grade is Grade.FINE
    assert "built-in studio hears" not in said.all_text
    bot, doctor = (asked["client"] for asked in server.asked)
    assert bot != doctor


@pytest.mark.sound
async def test_an_engine_that_fails_is_told_by_its_name(server: MuScriptorServer) -> None:
    server.breaks_off = True
    broken = (await heard_by(server.url)).that("MuScriptor fails at one second of sound")
    assert broken.grade is Grade.BROKEN
    assert "muscriptor serve" in broken.advised


async def test_an_engine_that_is_busy_is_not_called_broken(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_given: object, **_named: object) -> None:
        raise SongRefusedError(503, EngineBusyError().sentence)

    monkeypatch.setattr(module, "_one_second", ONE_SECOND)
    monkeypatch.setattr(Worker, "ask", busy)
    said = await heard_by(engine)
    assert said.that("MuScriptor is busy with a song").grade is Grade.WEAK


async def test_an_engine_that_answers_is_told_with_its_licence(engine: str) -> None:
    said = await heard_by(engine)

    assert said.that(f"MuScriptor at {engine} hears the songs").grade is Grade.FINE
    assert "no commercial use" in said.all_text
    assert said.that("heard").grade is Grade.FINE


@pytest.mark.parametrize(
    ("url", "reason"), [("{}/elsewhere", "status 404"), ("http://127.0.0.1:9", "Connection refused")]
)
async def test_an_engine_that_does_not_answer_is_told(engine: str, url: str, reason: str) -> None:
    said = await heard_by(url.format(engine))

    assert said.that(f"does not answer: {reason}").grade is Grade.BROKEN
