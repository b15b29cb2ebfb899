"""What the doctor says of the settings themselves."""

import pytest

from bot.doctor import data_dir
from bot.findings import Grade
from tests.discord_server import DiscordServer
from tests.doctor.conftest import everything
from tests.kie_server import KieServer
from tests.process.bot_process import free_port


async def test_a_fresh_machine_has_all_it_needs() -> None:
    said = await everything()
    assert said.worst is Grade.FINE
    said.that("Pianola 0.1.0, Python 3.")
    said.that("the built-in studio does the work")
    said.that("no DISCORD_TOKEN: a local page takes Discord's place")


async def test_a_host_that_wipes_its_disk_is_told() -> None:
    said = await everything({"RENDER": "true"})
    assert said.that("on Render the disk may be wiped at a restart").grade is Grade.WEAK


async def test_no_secret_is_shown(discord: DiscordServer, kie: KieServer) -> None:
    said = await everything(
        discord_token="token-of-mine",
        kie_api_key="key-of-mine",
        kie_api_url=kie.url,
        kie_webhook_hmac_key="signer-of-mine",
        database_url=f"postgresql://me:password-of-mine@127.0.0.1:{free_port()}/x",
    )
    assert said.worst is Grade.BROKEN
    assert "of-mine" not in said.all_text


async def test_quotes_that_were_taken_off_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO", '"builtin"')
    said = await everything()
    said.that("the quotes around STUDIO were taken off: they belong in a shell only")


async def test_a_volume_is_not_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_dir, "keeps_files", lambda *_: True)
    said = await everything({"RENDER": "true"})
    assert said.that("jobs are kept in SQLite in data").grade is Grade.FINE


async def test_a_container_without_a_volume_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_dir, "is_container_service", lambda _: True)
    said = await everything()
    assert said.that("put a volume there or set DATABASE_URL").grade is Grade.WEAK


@pytest.mark.sound
async def test_a_sound_font_that_is_not_there_is_told() -> None:
    said = await everything(sound_font="gone.sf2")
    missing = said.that("no preview: SOUND_FONT: gone.sf2 is not a sound font that I can read")
    assert missing.grade is Grade.WEAK
