"""Starts the unmodified bot with Discord's REST and gateway addresses taken from the environment.

It can be told to kill itself at a commit point, as `before job done` or `after callback kept`.
"""

import os
import signal
from pathlib import Path

import discord.gateway
import discord.http
import yarl

from bot.cli import main
from bot.jobs import commits
from tests.process import heartbeat

API, GATEWAY, KILL_AT = "TEST_DISCORD_API", "TEST_DISCORD_GATEWAY", "TEST_KILL_AT"


def die_at(moment: str, point: str) -> None:
    """Let SIGKILL come `before` or `after` the commit that is called `point`."""

    def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(commits, moment, reached)


if __name__ == "__main__":
    discord.http.Route.BASE = os.environ[API]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ[GATEWAY])
    if KILL_AT in os.environ:
        die_at(*os.environ[KILL_AT].split(" ", 1))
    if heartbeat.FILE in os.environ:
        heartbeat.watch(Path(os.environ[heartbeat.FILE]))
    main([])
