"""Starts the unmodified bot with Discord's REST and gateway addresses taken from the environment."""

import os
import sys
from pathlib import Path

import discord.gateway
import discord.http
import yarl

from bot.audio.fetch import Fetcher
from bot.cli import main
from tests.process import heartbeat

API, GATEWAY = "TEST_DISCORD_API", "TEST_DISCORD_GATEWAY"

REACHES_LOOPBACK = "TEST_REACHES_LOOPBACK"
"""Set: addresses that users give may lead to this machine, where a benchmark's servers are."""


def launch(*arguments: str) -> None:
    """Run the command `pianola`; with `heartbeat.FILE` set, the event loop's pauses are written there."""
    discord.http.Route.BASE = os.environ[API]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ[GATEWAY])
    if REACHES_LOOPBACK in os.environ:
        Fetcher.__init__.__kwdefaults__ = {"allows": lambda _host: True, "ports": None}
    if heartbeat.FILE in os.environ:
        heartbeat.watch(Path(os.environ[heartbeat.FILE]))
    main(arguments)


if __name__ == "__main__":
    launch(*sys.argv[1:])
