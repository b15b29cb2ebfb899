"""DATA_DIR: whether it can be written, what room it has, and whether it outlives a restart."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from bot.findings import Finding, Grade
from bot.hosts import host_name, is_container_service, keeps_files
from bot.language import text
from bot.settings import Settings

_SONGS_AT_ONCE: Final = 5
"""Of the largest size, which are on the disk while they are on their way to the studio."""

_LEAST_MB: Final = 20
"""The database and its log."""

_KEEP: Final = (
    "Mount a volume at {directory}, or let DATABASE_URL name a Postgres; docs/hosting says how on each host"
)

_KEPT: Final = text("jobs are kept in SQLite in {directory}")


def kept(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """Where the jobs are, and whether that stays."""
    if settings.database_url is not None:
        return Finding(Grade.FINE, text("jobs are kept in the Postgres of DATABASE_URL"))
    place = {"directory": str(settings.data_dir)}
    if keeps_files(environment, settings.data_dir):
        return Finding(Grade.FINE, _KEPT, place)
    if host := host_name(environment):
        return Finding(
            Grade.WEAK,
            text(
                "jobs are kept in SQLite in {directory}; on {host} the disk may be wiped at a restart: set DATABASE_URL"
            ),
            {**place, "host": host},
            _KEEP,
        )
    if is_container_service(environment):
        return Finding(
            Grade.WEAK,
            text(
                "jobs are kept in SQLite in {directory}, which ends with this container: put a volume there or set DATABASE_URL"
            ),
            place,
            _KEEP,
        )
    return Finding(Grade.FINE, _KEPT, place)


async def data_dir(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Whether songs can be put there."""
    yield await asyncio.to_thread(kept, settings, environment)
    yield await asyncio.to_thread(_room, settings)


def _room(settings: Settings) -> Finding:
    """A write that leaves nothing behind; of a folder that is still to be made, in the one where it will be."""
    place = {"directory": str(settings.data_dir)}
    folder = _nearest(settings.data_dir.absolute())
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"pianola")
            file.flush()
        free_mb = shutil.disk_usage(folder).free >> 20
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        advice = "Give this program's user the right to write there, or set DATA_DIR to a folder of its own"
        return Finding(
            Grade.BROKEN,
            "DATA_DIR: {directory} cannot be written: {reason}",
            {**place, "reason": reason},
            advice,
        )
    wanted = _SONGS_AT_ONCE * settings.max_song_mb
    grade = Grade.FINE if free_mb >= wanted else Grade.WEAK if free_mb >= _LEAST_MB else Grade.BROKEN
    values = {**place, "free": free_mb, "wanted": wanted}
    advice = (
        "" if grade is Grade.FINE else "Make room: {wanted} MB let five of the largest songs through at once"
    )
    return Finding(grade, "DATA_DIR: {directory} can be written, {free} MB are free", values, advice)


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
