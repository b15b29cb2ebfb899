"""The whole examination: one subject after the other, each asked where it can be asked."""

import os
import platform
from collections.abc import AsyncIterator, Mapping
from typing import Final

import aiohttp
import structlog
from msgspec.structs import replace

from bot.doctor.address import address
from bot.doctor.around import quoted
from bot.doctor.data_dir import data_dir
from bot.doctor.database import database
from bot.doctor.discord import discord
from bot.doctor.sound import sound
from bot.doctor.studio import studio
from bot.findings import Finding, Grade
from bot.hosts import host_name
from bot.settings import Settings
from bot.version import VERSION

log = structlog.get_logger(__name__)

HERE: Final = ("127.0.0.1", 8080)


async def findings(
    settings: Settings, environment: Mapping[str, str] = os.environ, *, listens_at: tuple[str, int] = HERE
) -> AsyncIterator[Finding]:
    """Everything worth knowing before a start, the most needed first; `listens_at` is where the bot would listen."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        subjects = {
            "program": _program(settings, environment),
            "discord": discord(settings, environment, session),
            "studio": studio(settings, session),
            "database": database(settings),
            "data": data_dir(settings, environment),
            "address": address(settings, environment, session, listens_at),
            "previews": sound(settings),
        }
        for about, subject in subjects.items():
            try:
                async for finding in subject:
                    yield replace(finding, about=about)
            except Exception as error:
                # One question that breaks must not keep the answers to the others.
                log.exception("doctor.failed", about=about)
                told, values = "this could not be looked at ({kind})", {"kind": type(error).__name__}
                yield Finding(
                    Grade.BROKEN, told, values, "The log says more; it is a mistake in Pianola", about
                )


async def _program(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    versions = {
        "version": VERSION,
        "python": platform.python_version(),
        "system": host_name(environment) or platform.system(),
    }
    yield Finding(Grade.FINE, "Pianola {version}, Python {python} on {system}", versions)
    if told := quoted(settings):
        yield told
