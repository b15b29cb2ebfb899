"""Counts what is asked of Discord, by its answers."""

from typing import Any

import aiohttp
from discord.http import Route
from yarl import URL

from bot.measures import DISCORD_CALLS, count


def discord_calls() -> aiohttp.TraceConfig:
    """For each session that asks Discord; what it asks of others is not counted."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_answered)
    trace.on_request_exception.append(_unanswered)
    return trace


async def _answered(_session: Any, _context: Any, request: aiohttp.TraceRequestEndParams) -> None:
    if _is_discord(request.url):
        count(DISCORD_CALLS, str(request.response.status))


async def _unanswered(_session: Any, _context: Any, request: aiohttp.TraceRequestExceptionParams) -> None:
    if _is_discord(request.url):
        count(DISCORD_CALLS, "no answer")


def _is_discord(url: URL) -> bool:
    api = URL(Route.BASE)
    return url.origin() == api.origin() and url.path.startswith(api.path)
