"""A stand-in for Discord on real sockets: REST, gateway and CDN, with Discord's rules and Discord's faults.

    async with DiscordServer() as discord:
        ...                                       # a bot at discord.api_url and discord.gateway_url
        await discord.connected()
        asked = await discord.slash("midi", task_id="abc")
        await discord.until(lambda: asked.state == "answered")
        asked.original.file(".mid").data

Enforced: 3 s to acknowledge (`interactions.acknowledge_within`), 15 min for a token (`world.clock.advance`, `.stop`), one acknowledgement, sizes and lengths,
permissions, nonces, intents, rate limits. Broken on request: `fault("PATCH", "/webhooks/*/*/messages/@original",
Fault("lost"))`, `gateway.ask_to_reconnect()`. As a process: `python -m tests.discord_server` (see `control.py`).
"""

from tests.discord_server.faults import Fault
from tests.discord_server.people import Where
from tests.discord_server.server import DiscordServer, Received
from tests.discord_server.world import (
    EVERYTHING,
    Channel,
    ChannelKind,
    Guild,
    Interaction,
    Message,
    Permission,
    User,
)

__all__ = [
    "EVERYTHING",
    "Channel",
    "ChannelKind",
    "DiscordServer",
    "Fault",
    "Guild",
    "Interaction",
    "Message",
    "Permission",
    "Received",
    "User",
    "Where",
]
