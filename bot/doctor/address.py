"""Whether the world reaches this program, asked from outside in."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.doctor.asking import PATIENCE, reason_of
from bot.findings import Finding, Grade
from bot.hosts import public_address
from bot.language import text
from bot.settings import Settings, callback_base, is_loopback


def known(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """How results come back, as far as the settings tell."""
    base = callback_base(settings, public_address(environment), settings.port or 0)
    if base is None:
        return Finding(
            Grade.WEAK,
            text("no public address (PUBLIC_BASE_URL): results are looked up every {seconds} s"),
            {"seconds": f"{settings.poll_seconds:g}"},
            "Set PUBLIC_BASE_URL to the https address that leads to PORT; without it all works, only later",
        )
    if settings.uses_kie:
        return Finding(Grade.FINE, text("the studio can call back"))
    return Finding(Grade.FINE, text("the studio calls back here"))


async def address(
    settings: Settings,
    environment: Mapping[str, str],
    session: aiohttp.ClientSession,
    listens_at: tuple[str, int],
) -> AsyncIterator[Finding]:
    """Whether `/livez` is answered at the public address: by the bot, or for this moment by the doctor in its place."""
    base = callback_base(settings, public_address(environment), listens_at[1])
    if base is None or (is_loopback(base) and not settings.public_base_url):
        yield known(settings, environment)
        return
    word = secrets.token_urlsafe(12)
    async with _standing_in(*listens_at, word) as stands_in:
        problem = await _asked_back(session, base, word if stands_in else None)
    if problem is None:
        yield Finding(Grade.FINE, "{address} leads here: callbacks arrive", {"address": base})
        return
    yield Finding(
        Grade.WEAK,
        "from this machine nobody reaches this program at {address}: {reason}",
        {"address": base, "reason": problem, "seconds": f"{settings.poll_seconds:g}"},
        "Let that address lead to PORT of this program, or correct PUBLIC_BASE_URL; until then results are looked up every "
        "{seconds} s. Some routers lead no machine back to itself: if {address}/livez answers from elsewhere, all is well",
    )


async def _asked_back(session: aiohttp.ClientSession, base: str, word: str | None) -> str | None:
    """Why `/livez` is not ours at that address; None where it is. Ours says `word`, or is a bot at work."""
    try:
        async with session.get(f"{base}/livez", timeout=PATIENCE, allow_redirects=False) as answer:
            said = await answer.content.read(4096)
    except (aiohttp.ClientError, OSError) as error:
        return reason_of(error)
    if answer.status != 200:
        return f"HTTP {answer.status}"
    if word is None:
        return None if b'"alive"' in said else "something else answers there"
    if word.encode() in said:
        return None
    return "another Pianola answers there" if b'"alive"' in said else "something else answers there"


@asynccontextmanager
async def _standing_in(host: str, port: int, word: str) -> AsyncIterator[bool]:
    """Answer `/livez` with a word where the bot would; False: somebody is at work there already."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "word": word})

    app = web.Application()
    app.router.add_get("/livez", alive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            yield False
        else:
            yield True
    finally:
        await runner.cleanup()
