"""What the doctor learns of the public address, from outside in; and of the disk."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web

from bot.doctor import data_dir as disk
from bot.doctor import examination
from bot.findings import Grade
from bot.language import ENGLISH
from bot.settings import load
from bot.web.receiver import Receiver, serve
from tests.doctor.conftest import Said, examined
from tests.process.bot_process import free_port


async def asked_at(port: int, public: str) -> Said:
    """What is said of the address `public` where the bot would listen at `port`."""
    settings = load(None, public_base_url=public, studio="builtin")
    found = [one async for one in examination.findings(settings, {}, listens_at=("127.0.0.1", port))]
    return Said(tuple(one for one in found if one.about == "address"))


@asynccontextmanager
async def another_program(status: int, text: str) -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_get("/livez", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_an_address_that_leads_here_is_fine_before_the_first_start() -> None:
    port = free_port()
    said = await asked_at(port, f"http://127.0.0.1:{port}")
    assert said.that("leads here: callbacks arrive").grade is Grade.FINE


async def test_an_address_is_answered_by_the_bot_that_is_at_work() -> None:
    async with serve(Receiver(hmac_key=None, ready=lambda: None), "127.0.0.1", 0) as port:
        said = await asked_at(port, f"http://127.0.0.1:{port}")
    assert said.that("leads here: callbacks arrive").grade is Grade.FINE


async def test_an_address_that_leads_nowhere_is_told() -> None:
    public = f"http://127.0.0.1:{free_port()}"
    nobody = (await asked_at(free_port(), public)).that(
        f"from this machine nobody reaches this program at {public}: Connection refused"
    )
    assert nobody.grade is Grade.WEAK
    assert "results are looked up every 15 s" in nobody.advised


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (502, "bad gateway", "HTTP 502"),
        (200, "<html>", "something else answers there"),
        (200, '{"status": "alive"}', "another Pianola answers there"),
    ],
)
async def test_an_address_where_something_else_answers_is_told(status: int, text: str, reason: str) -> None:
    async with another_program(status, text) as public:
        assert (await asked_at(free_port(), public)).that(reason).grade is Grade.WEAK


async def test_no_address_is_told_with_what_comes_of_it() -> None:
    said = await examined("address", kie_api_key="key", kie_api_url="https://192.0.2.1")
    assert (
        said.that("no public address (PUBLIC_BASE_URL): results are looked up every 15 s").grade is Grade.WEAK
    )


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = await examined("data", data_dir=str(tmp_path / "file" / "data"))
    assert said.that("cannot be written: Not a directory").grade is Grade.BROKEN


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_without_the_right_to_write_is_told(tmp_path: Path) -> None:
    await asyncio.to_thread(tmp_path.chmod, 0o500)
    said = await examined("data", data_dir=str(tmp_path))
    assert said.that("cannot be written: Permission denied").grade is Grade.BROKEN


@pytest.mark.parametrize(("free_mb", "grade"), [(10, Grade.BROKEN), (499, Grade.WEAK), (500, Grade.FINE)])
async def test_room_on_the_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, grade: Grade
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free_mb << 20))
    said = await examined("data", data_dir=str(tmp_path))
    assert said.that(f"{free_mb} MB are free").grade is grade


async def test_a_write_leaves_nothing(tmp_path: Path) -> None:
    await examined("data", data_dir=str(tmp_path / "new" / "data"))
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_one_subject_that_breaks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(disk, "kept", broken)
    found = [one async for one in examination.findings(load(None), {}, listens_at=("127.0.0.1", free_port()))]
    [told] = [one for one in found if one.about == "data"]
    assert told.grade is Grade.BROKEN
    assert told.said(ENGLISH) == "this could not be looked at (ZeroDivisionError)"
    assert {one.about for one in found} >= {"discord", "database", "address"}
