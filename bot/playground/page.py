"""The local page: a channel that looks like Discord, with the real bot behind it. Bound to loopback by simcord."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import structlog
from simcord import Preview

from bot.background import beside
from bot.playground.world import World
from bot.web.malformed import servers_of_others_told
from bot.web.tally import Tally

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.1
"""Half a second is the page's own pace."""

_SETTLED_SECONDS = 1.0
"""On two busy cores a page that opened asked twice for its size, 0.2 to 0.6 s apart."""


@asynccontextmanager
async def page(world: World, port: int) -> AsyncIterator[Preview]:
    """Serve the channel on a loopback port (0: any free one). The address in `url` is the key to it."""
    preview = world.env.preview(world.channel, viewers=[world.person], layout="channel", port=port)
    with closing(Tally()) as tally, servers_of_others_told(tally):
        async with preview, beside(_follow(world, preview), name="page follower"):
            yield preview


async def settled(preview: Preview) -> None:
    """Return once somebody has opened the page, and it hears what is pressed.

    It asks for its size by itself at first, twice, and what is pressed before it has seen both answers it throws away.
    """
    loop = asyncio.get_running_loop()
    asked: dict[str, int] = {}
    since = loop.time()
    while not asked or loop.time() - since < _SETTLED_SECONDS:
        await asyncio.sleep(_LOOK_SECONDS)
        now = {key: each.last_sequence for key, each in preview._pages.items() if each.last_sequence}  # noqa: SLF001 (simcord is pinned)
        if now != asked:
            asked, since = now, loop.time()


async def _follow(world: World, preview: Preview) -> None:
    """Show what the bot does by itself. The page draws what was last published, and by itself only clicks publish.

    `Preview.refresh()` would be the public way, but it fails while somebody clicks, and a click fails while it
    runs; publishing is quick and meets nobody. Only after a change: each one makes clicks on the older view void.
    """
    seen = 0
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        calls = len(world.env.http_requests)
        if calls != seen:
            seen = calls
            try:
                _publish(preview)
            except Exception:
                log.exception("page.not_refreshed")


def _publish(preview: Preview) -> None:
    preview._advance_presentation_time()  # noqa: SLF001 (see above; simcord is pinned)
    for opened in tuple(preview._pages.values()):  # noqa: SLF001 (as above)
        preview._publish(opened, reason="refresh")  # noqa: SLF001 (as above)
