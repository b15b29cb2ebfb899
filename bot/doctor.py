"""`pianola doctor`: what this machine and these settings make of Pianola, a line each. Nothing is started or changed."""

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Mapping
from importlib.util import find_spec
from typing import Protocol

import aiohttp

from bot.errors import PianolaError
from bot.findings import Finding, Grade
from bot.hosts import host_name, is_container_service, keeps_files, public_address
from bot.jobs.storage.outcomes import AllSeen, Seen, seen_in
from bot.kie.client import KieClient
from bot.kie.separation import Separation
from bot.language import text
from bot.settings import Settings, callback_base
from bot.sound.engines import available as preview_problem
from bot.studio import available as studio_problem


class Account(Protocol):
    """What is asked of a studio to see whether it answers."""

    async def credits(self) -> float: ...


async def findings(settings: Settings, environment: Mapping[str, str] = os.environ) -> AsyncIterator[Finding]:
    """Everything worth knowing before a start, the most needed first."""
    system = {"version": platform.python_version(), "system": host_name(environment) or platform.system()}
    yield Finding(Grade.FINE, "Python {version} on {system}", system)
    yield _discord(settings, host_name(environment))
    yield await _studio(settings)
    async for finding in surroundings(settings, environment):
        yield finding
    url = settings.database_url.get_secret_value() if settings.database_url else None
    if settings.uses_kie and (seen := await asyncio.to_thread(seen_in, url, settings.data_dir)):
        yield learned(settings, seen)


async def surroundings(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Finding]:
    """What holds around the bot, whether it runs or not."""
    yield _callbacks(settings, environment)
    yield await asyncio.to_thread(_database, settings, environment)
    if settings.quoted:
        quoted = {"names": ", ".join(settings.quoted)}
        yield Finding(
            Grade.WEAK, text("the quotes around {names} were taken off: they belong in a shell only"), quoted
        )
    if not settings.preview_seconds:
        yield Finding(Grade.FINE, text("previews are switched off (PREVIEW_SECONDS)"))
    elif missing := await asyncio.to_thread(preview_problem, settings.sound_font):
        yield Finding(Grade.WEAK, text("no preview: {missing}"), {"missing": missing})
    else:
        yield Finding(Grade.FINE, text("previews can be made"))


async def answering(settings: Settings, account: Account) -> Finding:
    """Whether the studio that does the work answers, and what it has left."""
    try:
        left = await account.credits()
    except PianolaError as error:
        return Finding(Grade.BROKEN, text("the studio cannot work: {problem}"), {"problem": error})
    return _working(settings, left)


def _working(settings: Settings, left: float) -> Finding:
    if settings.uses_kie:
        grade = Grade.FINE if left > 0 else Grade.BROKEN
        return Finding(grade, text("kie.ai does the work: {left} credits left"), {"left": f"{left:g}"})
    if settings.studio_url:
        address = {"address": settings.studio_url}
        return Finding(Grade.FINE, text("the studio at {address} does the work"), address)
    return Finding(Grade.FINE, text("the built-in studio does the work"))


def learned(settings: Settings, seen: AllSeen) -> Finding:
    """Which kinds of separation gave notes here, and what follows from it."""
    two, every = (seen.get(kind, Seen()) for kind in (Separation.TWO_STEMS, Separation.ALL_STEMS))
    counts = {
        "two": str(two.with_notes),
        "of_two": str(sum(two)),
        "all": str(every.with_notes),
        "of_all": str(sum(every)),
    }
    is_poor = settings.separation_type != "split_stem" and two.gives_none
    told = text("songs with notes: {two} of {of_two} by two stems, {all} of {of_all} by all stems")
    return Finding(Grade.WEAK if is_poor else Grade.FINE, told, counts)


def _discord(settings: Settings, host: str | None) -> Finding:
    if settings.discord_token is not None:
        return Finding(Grade.FINE, "DISCORD_TOKEN is set: this is the real bot")
    if host:
        missing = "DISCORD_TOKEN is missing, and {host} shows nobody the local page"
        return Finding(Grade.BROKEN, missing, {"host": host})
    if find_spec("simcord") is None:
        return Finding(
            Grade.BROKEN,
            "neither DISCORD_TOKEN nor the playground (`uv sync --group playground`) is there",
        )
    return Finding(Grade.FINE, "no DISCORD_TOKEN: a local page takes Discord's place")


async def _studio(settings: Settings) -> Finding:
    if not settings.uses_kie or settings.kie_api_key is None:
        if not settings.studio_url and (missing := await asyncio.to_thread(studio_problem)):
            return Finding(Grade.BROKEN, missing)
        return _working(settings, 0)
    async with aiohttp.ClientSession() as session:
        kie = KieClient(
            session,
            api_url=settings.kie_api_url,
            upload_url=settings.kie_upload_url,
            key=settings.kie_api_key.get_secret_value(),
        )
        return await answering(settings, kie)


def _callbacks(settings: Settings, environment: Mapping[str, str]) -> Finding:
    base = callback_base(settings, public_address(environment), settings.port or 0)
    if base is None:
        return Finding(
            Grade.WEAK,
            text("no public address (PUBLIC_BASE_URL): results are looked up every {seconds} s"),
            {"seconds": f"{settings.poll_seconds:g}"},
        )
    if settings.uses_kie:
        return Finding(Grade.FINE, text("the studio can call back"))
    return Finding(Grade.FINE, text("the studio calls back here"))


def _database(settings: Settings, environment: Mapping[str, str]) -> Finding:
    if settings.database_url is not None:
        return Finding(Grade.FINE, text("jobs are kept in the Postgres of DATABASE_URL"))
    place = {"directory": str(settings.data_dir)}
    if keeps_files(environment, settings.data_dir):
        return Finding(Grade.FINE, text("jobs are kept in SQLite in {directory}"), place)
    if host := host_name(environment):
        return Finding(
            Grade.WEAK,
            text(
                "jobs are kept in SQLite in {directory}; on {host} the disk may be wiped at a restart: set DATABASE_URL"
            ),
            {**place, "host": host},
        )
    if is_container_service(environment):
        return Finding(
            Grade.WEAK,
            text(
                "jobs are kept in SQLite in {directory}, which ends with this container: put a volume there or set DATABASE_URL"
            ),
            place,
        )
    return Finding(Grade.FINE, text("jobs are kept in SQLite in {directory}"), place)
