"""What holds around the bot, whether it runs or not: said at its start, and to its owner by `/pianola status`."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping

from bot.doctor.address import known
from bot.doctor.data_dir import kept
from bot.doctor.sound import installed
from bot.findings import Finding, Grade
from bot.language import text
from bot.settings import Settings


async def surroundings(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Finding]:
    """What can be told without asking anybody."""
    yield known(settings, environment)
    yield await asyncio.to_thread(kept, settings, environment)
    if told := quoted(settings):
        yield told
    yield await installed(settings)


def quoted(settings: Settings) -> Finding | None:
    """Settings that came in quotes."""
    if not settings.quoted:
        return None
    told = text("the quotes around {names} were taken off: they belong in a shell only")
    return Finding(Grade.WEAK, told, {"names": ", ".join(settings.quoted)}, "Write values without quotes")
