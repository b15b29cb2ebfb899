"""A doctor who is asked about settings, and stand-ins for those whom it asks."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest
from discord.http import Route

from bot.doctor import examination
from bot.findings import Finding, Grade
from bot.language import ENGLISH
from bot.settings import load
from tests.discord_server import DiscordServer
from tests.process.bot_process import free_port

NO_HOST: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """What was found about one subject."""

    findings: tuple[Finding, ...]

    def that(self, fragment: str) -> Finding:
        """The one finding with these words."""
        [found] = [one for one in self.findings if fragment in one.said(ENGLISH)]
        return found

    @property
    def worst(self) -> Grade:
        order = (Grade.BROKEN, Grade.WEAK, Grade.FINE)
        return next(grade for grade in order if any(one.grade is grade for one in self.findings))

    @property
    def all_text(self) -> str:
        return "\n".join(f"{one.said(ENGLISH)} {one.advised}" for one in self.findings)


async def examined(about: str, environment: Mapping[str, str] = NO_HOST, **given: str) -> Said:
    """What the doctor says about one subject."""
    said = await everything(environment, **given)
    return Said(tuple(one for one in said.findings if one.about == about))


async def everything(environment: Mapping[str, str] = NO_HOST, **given: str) -> Said:
    """All that the doctor says; what is not fine has advice."""
    settings = load(None, **given)
    at = ("127.0.0.1", free_port())
    found = [one async for one in examination.findings(settings, environment, listens_at=at)]
    assert [one.said(ENGLISH) for one in found if one.grade is not Grade.FINE and not one.advised] == []
    return Said(tuple(found))


@pytest.fixture(autouse=True)
def _no_second_of_sound(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 3 s of a core: only tests that are about it do it."""
    if request.node.get_closest_marker("sound"):
        return

    async def nothing(*_: object) -> AsyncIterator[Finding]:
        for none in list[Finding]():
            yield none

    monkeypatch.setattr(examination, "sound", nothing)

    async def heard(*_: object) -> Finding:
        return Finding(Grade.FINE, "heard")

    monkeypatch.setattr("bot.doctor.studio._one_second", heard)


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        monkeypatch.setattr(Route, "BASE", server.api_url)
        yield server
