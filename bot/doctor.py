"""`pianola doctor`: what this machine and these settings make of Pianola, a line each. Nothing is started or changed."""

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Mapping
from importlib.util import find_spec
from typing import NamedTuple

import aiohttp

from bot.errors import PianolaError
from bot.hosts import host_name, public_address
from bot.kie.client import KieClient
from bot.settings import Settings, callback_base
from bot.sound.ways import available as preview_problem
from bot.studio import available as studio_problem


class Finding(NamedTuple):
    """One thing that was looked at; `is_fine` False where the main job cannot run without it."""

    is_fine: bool
    text: str


async def findings(settings: Settings, environment: Mapping[str, str] = os.environ) -> AsyncIterator[Finding]:
    """Everything worth knowing, the most needed first."""
    host = host_name(environment)
    yield Finding(is_fine=True, text=f"Python {platform.python_version()} on {host or platform.system()}")
    yield _discord(settings, host)
    yield await _studio(settings)
    yield _callbacks(settings, environment)
    yield _database(settings, host)
    missing = await asyncio.to_thread(preview_problem)
    yield Finding(is_fine=True, text=f"no preview: {missing}" if missing else "previews can be made")


def _discord(settings: Settings, host: str | None) -> Finding:
    if settings.discord_token is not None:
        return Finding(is_fine=True, text="DISCORD_TOKEN is set: this is the real bot")
    if host:
        return Finding(
            is_fine=False, text=f"DISCORD_TOKEN is missing, and {host} shows nobody the local page"
        )
    if find_spec("simcord") is None:
        return Finding(
            is_fine=False,
            text="neither DISCORD_TOKEN nor the playground (`uv sync --group playground`) is there",
        )
    return Finding(is_fine=True, text="no DISCORD_TOKEN: a local page takes Discord's place")


async def _studio(settings: Settings) -> Finding:
    if not settings.uses_kie or settings.kie_api_key is None:
        if settings.studio_url:
            return Finding(is_fine=True, text=f"the studio at {settings.studio_url} does the work")
        missing = await asyncio.to_thread(studio_problem)
        return Finding(missing is None, missing or "the built-in studio does the work")
    async with aiohttp.ClientSession() as session:
        kie = KieClient(
            session,
            api_url=settings.kie_api_url,
            upload_url=settings.kie_upload_url,
            key=settings.kie_api_key.get_secret_value(),
        )
        try:
            left = await kie.credits()
        except PianolaError as error:
            return Finding(is_fine=False, text=f"kie.ai: {error.sentence}")
    return Finding(left > 0, f"kie.ai does the work: {left:g} credits left")


def _callbacks(settings: Settings, environment: Mapping[str, str]) -> Finding:
    base = callback_base(settings, public_address(environment), settings.port or 0)
    if base is None:
        every = f"{settings.poll_seconds:g} s"
        return Finding(
            is_fine=True, text=f"no public address (PUBLIC_BASE_URL): results are looked up every {every}"
        )
    return Finding(
        is_fine=True, text="the studio can call back" if settings.uses_kie else "the studio calls back here"
    )


def _database(settings: Settings, host: str | None) -> Finding:
    if settings.database_url is not None:
        return Finding(is_fine=True, text="jobs are kept in the Postgres of DATABASE_URL")
    where = f"jobs are kept in SQLite in {settings.data_dir}"
    if host:
        return Finding(
            is_fine=True, text=f"{where}; on {host} the disk may be wiped at a restart: set DATABASE_URL"
        )
    return Finding(is_fine=True, text=where)
