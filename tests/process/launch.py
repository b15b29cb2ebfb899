"""Starts the unmodified bot with Discord's REST and gateway addresses taken from the environment."""

import gc
import os
import sys
from pathlib import Path

from bot.cli import main
from tests.process import heartbeat

API, GATEWAY = "TEST_DISCORD_API", "TEST_DISCORD_GATEWAY"

REACHES_LOOPBACK = "TEST_REACHES_LOOPBACK"
"""Set: addresses that users give may lead to this machine, where a benchmark's servers are."""


def launch(*arguments: str) -> None:
    """Run the command `pianola`; with `heartbeat.FILE` set, the event loop's pauses are written there."""
    # As the command does before it loads the same: else its start would seem a fourteenth longer than it is.
    gc.disable()
    _lead_to_stand_ins()
    if heartbeat.FILE in os.environ:
        heartbeat.watch(Path(os.environ[heartbeat.FILE]))
    main(arguments)


def _lead_to_stand_ins() -> None:
    import discord.gateway  # noqa: PLC0415 (see above)
    import discord.http  # noqa: PLC0415 (see above)
    import yarl  # noqa: PLC0415 (see above)

    from bot.audio.fetch import Fetcher  # noqa: PLC0415 (see above)

    discord.http.Route.BASE = os.environ[API]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ[GATEWAY])
    if REACHES_LOOPBACK in os.environ:
        Fetcher.__init__.__kwdefaults__ = {"allows": lambda _host: True, "ports": None}


if __name__ == "__main__":
    launch(*sys.argv[1:])
