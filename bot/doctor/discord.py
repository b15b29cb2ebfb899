"""What Discord says of the token, of how the application may be installed, and of how it may connect."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from typing import Any, Final

import aiohttp
import msgspec
from discord.http import Route

from bot.doctor.asking import PATIENCE, reason_of
from bot.findings import Finding, Grade
from bot.hosts import host_name
from bot.invite import invite_link
from bot.kie.signature import TOLERANCE_SECONDS
from bot.settings import Settings
from bot.shards import spans
from bot.version import VERSION

_AGENT: Final = f"DiscordBot (https://github.com/Rapptz/discord.py, {VERSION})"

_MOST_SERVERS: Final = 2500
"""Discord refuses a shard with more servers (4011)."""

_FEW_STARTS: Final = 10
"""Of 1000 a day; a crash loop uses them up, and then nothing connects before the next day."""

_DRIFT_SECONDS: Final = 30.0
"""Shown times are wrong by so much. From `TOLERANCE_SECONDS` on every signed callback is refused."""

_PATHS: Final = ("/users/@me", "/applications/@me", "/gateway/bot")

_PORTAL: Final = "discord.com/developers/applications"
_ONLY_SERVERS, _ONLY_PEOPLE = "0", "1"


class _Answer(msgspec.Struct, frozen=True):
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


async def discord(
    settings: Settings,
    environment: Mapping[str, str],
    session: aiohttp.ClientSession,
    now: Callable[[], float] = time.time,
) -> AsyncIterator[Finding]:
    """Whether this can be a bot at Discord; without a token, whether the local page can take its place."""
    if settings.discord_token is None:
        yield _without_token(host_name(environment))
        return
    token = settings.discord_token.get_secret_value()
    try:
        answers = [await _asked(session, path, token) for path in _PATHS]
    except (aiohttp.ClientError, OSError) as error:
        yield Finding(
            Grade.BROKEN,
            "Discord cannot be reached: {reason}",
            {"reason": reason_of(error)},
            "Look whether this machine reaches discord.com on port 443, and at discordstatus.com",
        )
        return
    me, application, gateway = answers
    if told := _clock(me, now()):
        yield told
    if problem := next(filter(None, map(_refusal, answers)), None):
        yield problem
        return
    yield Finding(
        Grade.FINE,
        "Discord knows the token: it belongs to {name} (application {id})",
        {"name": me.body.get("username", "?"), "id": application.body.get("id", "?")},
    )
    shards = _Shards(
        wanted=int(gateway.body.get("shards", 1)),
        servers=int(application.body.get("approximate_guild_count") or 0),
        count=settings.shard_count,
        ids=settings.shard_ids,
    )
    for finding in (*_installation(application.body), *_starts(gateway.body, shards), *_connections(shards)):
        yield finding


async def _asked(session: aiohttp.ClientSession, path: str, token: str) -> _Answer:
    headers = {"Authorization": f"Bot {token}", "User-Agent": _AGENT}
    async with session.get(
        Route.BASE + path, headers=headers, timeout=PATIENCE, allow_redirects=False
    ) as answer:
        try:
            body = msgspec.json.decode(await answer.read())
        except msgspec.DecodeError:
            body = None  # a page, of what stands before Discord
        return _Answer(answer.status, body if isinstance(body, dict) else {}, answer.headers)


def _refusal(answer: _Answer) -> Finding | None:
    """Why the bot could not log in; None where it could."""
    if answer.status == 200 and answer.body:
        return None
    if answer.status == 401:
        return Finding(
            Grade.BROKEN,
            "Discord refuses DISCORD_TOKEN",
            advice=f"Reset it at {_PORTAL} (page Bot) and set the new one, without quotes and without the word Bot",
        )
    if answer.status == 429:
        return Finding(
            Grade.BROKEN,
            "Discord is blocking this machine's address for {seconds} s",
            {"seconds": answer.headers.get("Retry-After", "?")},
            "Wait: the bot tries again by itself, and each restart makes it longer. Hosts share addresses; "
            "if it comes back, ask yours for another region",
        )
    return Finding(
        Grade.BROKEN,
        "Discord answers with HTTP {status}",
        {"status": answer.status},
        "Look at discordstatus.com; the bot tries again by itself",
    )


def _without_token(host: str | None) -> Finding:
    if host:
        return Finding(
            Grade.BROKEN,
            "DISCORD_TOKEN is missing, and {host} shows nobody the local page",
            {"host": host},
            f"Make a token at {_PORTAL} and set it in {{host}}'s variables",
        )
    if find_spec("simcord") is None:
        return Finding(
            Grade.BROKEN,
            "DISCORD_TOKEN is missing, and the local page is not installed here",
            advice=f"Make a token at {_PORTAL}, or install the page: `uv sync --group playground`",
        )
    return Finding(Grade.FINE, "no DISCORD_TOKEN: a local page takes Discord's place")


def _clock(answer: _Answer, now: float) -> Finding | None:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return None  # some proxies send none
    off = now - theirs
    if abs(off) <= _DRIFT_SECONDS:
        return Finding(Grade.FINE, "the clock is right")
    return Finding(
        Grade.BROKEN if abs(off) > TOLERANCE_SECONDS else Grade.WEAK,
        "the clock is {seconds} s {direction}",
        {"seconds": f"{abs(off):.0f}", "direction": "ahead" if off > 0 else "behind"},
        "Let the machine set its clock by the network (NTP): signed callbacks are refused from "
        f"{TOLERANCE_SECONDS} s on",
    )


def _installation(application: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether interactions come at all, and who may take the bot where."""
    link = {"link": invite_link(application.get("id", "?"))}
    if application.get("interactions_endpoint_url"):
        yield Finding(
            Grade.BROKEN,
            "Discord sends commands to an address (Interactions Endpoint URL), not to this bot",
            advice=f"Empty that field at {_PORTAL} (page General Information)",
        )
    if application.get("bot_require_code_grant"):
        yield Finding(
            Grade.BROKEN,
            "nobody can invite the bot while it requires an OAuth2 code grant",
            advice=f"Switch that off at {_PORTAL} (page Bot)",
        )
    allowed = application.get("integration_types_config") or {}
    if allowed and _ONLY_SERVERS not in allowed:
        yield Finding(
            Grade.WEAK,
            "no server can take the bot: Guild Install is off",
            advice=f"Switch it on at {_PORTAL} (page Installation)",
        )
    elif allowed and _ONLY_PEOPLE not in allowed:
        yield Finding(
            Grade.WEAK,
            "people cannot take the bot along to other servers and direct messages: User Install is off",
            advice=f"Switch it on at {_PORTAL} (page Installation), if you want that",
        )
    yield Finding(Grade.FINE, "invite link: {link}", link)


class _Shards(msgspec.Struct, frozen=True):
    """How many connections Discord wants for so many servers, and what the settings give: `count` in all, here `ids`."""

    wanted: int
    servers: int
    count: int | None
    ids: tuple[int, ...] | None

    @property
    def here(self) -> int:
        """How many this process begins."""
        return len(self.ids) if self.ids else (self.count or self.wanted)


def _starts(gateway: Mapping[str, Any], shards: _Shards) -> Iterator[Finding]:
    """How often the bot may begin a connection today."""
    limit = gateway.get("session_start_limit") or {}
    left = int(limit.get("remaining", 0))
    counts = {
        "left": left,
        "total": int(limit.get("total", 0)),
        "hours": f"{int(limit.get('reset_after', 0)) / 3_600_000:.1f}",
    }
    if left < max(_FEW_STARTS, 2 * shards.here):
        yield Finding(
            Grade.WEAK if left >= shards.here else Grade.BROKEN,
            "{left} of {total} connections are left for today",
            counts,
            "Something starts this bot again and again: stop it, and wait {hours} hours",
        )
    else:
        yield Finding(Grade.FINE, "{left} of {total} connections are left for today", counts)


def _connections(shards: _Shards) -> Iterator[Finding]:
    """Whether there are as many connections as there are to be."""
    values = {"wanted": shards.wanted, "servers": shards.servers, "count": shards.count}
    if shards.count is None:
        told = (
            "one connection is enough for {servers} servers"
            if shards.wanted == 1
            else "Discord wants {wanted} connections (shards) for {servers} servers, and gets them from one process"
        )
        yield Finding(Grade.FINE, told, values)
        return
    advice = "Set SHARD_COUNT={wanted} in every process, and stop all before you start them anew"
    if shards.servers >= _MOST_SERVERS * shards.count:
        told = "SHARD_COUNT={count} is too few for {servers} servers: Discord refuses the connection"
        yield Finding(Grade.BROKEN, told, values, advice)
    elif shards.count < shards.wanted:
        told = (
            "Discord would like {wanted} connections (shards) for {servers} servers, and SHARD_COUNT={count}"
        )
        yield Finding(Grade.WEAK, told, values, advice)
    else:
        yield Finding(Grade.FINE, "SHARD_COUNT={count} is enough for {servers} servers", values)
    if shards.ids is not None:
        others = set(range(shards.count)) - set(shards.ids)
        told = "this process has the shards {ids}" + (
            ", others must have {others}" if others else ": all of them"
        )
        yield Finding(Grade.FINE, told, {"ids": spans(shards.ids), "others": spans(others)})
