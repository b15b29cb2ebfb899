"""`pianola doctor`: what it says of settings."""

from collections.abc import Mapping

import pytest

from bot import doctor
from bot.doctor import findings
from bot.findings import Grade
from bot.language import ENGLISH
from bot.settings import load
from tests.kie_server import Fault, KieServer

NO_HOST: Mapping[str, str] = {}


async def said(environment: Mapping[str, str] = NO_HOST, **given: str) -> dict[str, bool]:
    settings = load(None, **given)
    return {
        finding.said(ENGLISH): finding.grade is not Grade.BROKEN
        async for finding in findings(settings, environment)
    }


async def test_a_fresh_machine_has_all_it_needs() -> None:
    found = await said()
    assert all(found.values())
    assert "the built-in studio does the work" in found
    assert "no DISCORD_TOKEN: a local page takes Discord's place" in found


async def test_a_host_without_a_token_is_told() -> None:
    found = await said({"RENDER": "true"})
    assert found["DISCORD_TOKEN is missing, and Render shows nobody the local page"] is False
    assert any("the disk may be wiped at a restart" in text for text in found)


async def test_the_credits_of_an_account_are_told(kie: KieServer) -> None:
    found = await said(kie_api_key=kie.key, kie_api_url=kie.url)
    assert found["kie.ai does the work: 5916.25 credits left"]


async def test_a_key_that_is_refused_is_told(kie: KieServer) -> None:
    kie.break_next("credits", Fault("code", code=401), times=9)
    found = await said(kie_api_key=kie.key, kie_api_url=kie.url)
    assert any("refused this bot's key" in text and not is_fine for text, is_fine in found.items())


async def test_no_secret_is_shown(kie: KieServer) -> None:
    secrets = {
        "discord_token": "token-of-mine",
        "database_url": "postgresql://me:password-of-mine@localhost/x",
    }
    assert not [text for text in await said(NO_HOST, **secrets) if "of-mine" in text]


async def test_quotes_that_were_taken_off_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO", '"builtin"')
    found = await said()
    assert found["the quotes around STUDIO were taken off: they belong in a shell only"]


async def test_a_volume_is_not_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "keeps_files", lambda *_: True)
    assert "jobs are kept in SQLite in data" in await said({"RENDER": "true"})


async def test_a_container_without_a_volume_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_container_service", lambda _: True)
    assert any("put a volume there or set DATABASE_URL" in text for text in await said())


async def test_a_sound_font_that_is_not_there_is_told() -> None:
    assert "no preview: SOUND_FONT: gone.sf2 is not a sound font that I can read" in await said(
        sound_font="gone.sf2"
    )
