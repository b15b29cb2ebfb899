"""Looks at a studio's records. A look that only helps never stands in the way of what is asked for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from bot.errors import StudioError

log = structlog.get_logger(__name__)

_Record = TypeVar("_Record")

_GLANCE_SECONDS = 10.0
"""For what is only good to know: the client by itself tries for up to 90 s."""


async def attempt(look: Awaitable[_Record]) -> tuple[_Record | None, StudioError | None]:
    """A record, or why there is none."""
    try:
        return await look, None
    except StudioError as error:
        return None, error


async def glance(look: Awaitable[_Record]) -> _Record | None:
    """A record that is only good to know; None where it cannot be had."""
    try:
        async with asyncio.timeout(_GLANCE_SECONDS):
            return await look
    except (StudioError, TimeoutError) as error:
        log.info("studio.not_looked_up", error=repr(error)[:200])
        return None
