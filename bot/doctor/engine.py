"""The server that hears songs for the built-in studio, where the owner chose one."""

from http import HTTPStatus
from typing import Final

import aiohttp

from bot.doctor.asking import PATIENCE, reason_of
from bot.findings import Finding, Grade

_ADVICE: Final = "Start `muscriptor serve` there, look at ENGINE_URL, or set STUDIO_ENGINE=builtin"


async def engine(url: str, session: aiohttp.ClientSession) -> Finding:
    """Whether MuScriptor's server answers, and what its weights may be used for."""
    try:
        async with session.get(f"{url}/health", timeout=PATIENCE, allow_redirects=False) as answer:
            reason = "" if answer.status == HTTPStatus.OK else f"status {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        reason = reason_of(error)
    values = {"address": url, "reason": reason}
    if reason:
        told = "MuScriptor at {address}, which hears the songs, does not answer: {reason}"
        return Finding(Grade.BROKEN, told, values, _ADVICE)
    told = "MuScriptor at {address} hears the songs; its weights are CC BY-NC 4.0: no commercial use"
    return Finding(Grade.FINE, told, values)
