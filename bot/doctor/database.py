"""The database, by a transaction in it that is taken back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from bot.doctor.studio import learned
from bot.findings import Finding, Grade
from bot.jobs.storage.databases.examined import examined
from bot.jobs.storage.outcomes import seen_in
from bot.settings import Settings

_MOST_CONNECTIONS: Final = 9
"""Of one process; idle it has 6."""

_AT_SERVER: Final = "Look whether the database runs and lets this machine in, and copy its address once more from where it is run"
_AT_FILE: Final = "End the program that uses it, or set DATA_DIR to another folder"


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether it can be opened and written, and has connections left; and what was learned in it."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    seen = await asyncio.to_thread(examined, url, settings.data_dir)
    name = "the database" if url else "the database file"
    if seen.trouble:
        said, _, advice = seen.trouble.partition(". ")
        yield Finding(Grade.BROKEN, "{said}", {"said": said}, advice or (_AT_SERVER if url else _AT_FILE))
        return
    if seen.is_held:
        yield Finding(
            Grade.WEAK,
            "another Pianola is at work in {directory}",
            {"directory": str(settings.data_dir)},
            "Nothing to do if that is your bot. A second one needs a DATA_DIR of its own, or DATABASE_URL for both",
        )
    elif seen.is_new:
        yield Finding(Grade.FINE, f"{name} is still to be made, at the first start")
    else:
        yield Finding(Grade.FINE, f"{name} can be read and written")
    if seen.connections_left is not None:
        is_enough = seen.connections_left >= _MOST_CONNECTIONS
        yield Finding(
            Grade.FINE if is_enough else Grade.WEAK if seen.connections_left else Grade.BROKEN,
            "{left} connections to the database are left",
            {"left": seen.connections_left},
            ""
            if is_enough
            else f"One process takes up to {_MOST_CONNECTIONS}: end what else is connected, or take a larger plan",
        )
    if settings.uses_kie and (outcomes := await asyncio.to_thread(seen_in, url, settings.data_dir)):
        yield learned(settings, outcomes)
