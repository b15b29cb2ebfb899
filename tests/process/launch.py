"""Starts the unmodified bot with Discord's REST and gateway addresses taken from the environment."""

import os

import discord.gateway
import discord.http
import yarl

from bot.cli import main

API, GATEWAY = "TEST_DISCORD_API", "TEST_DISCORD_GATEWAY"

if __name__ == "__main__":
    discord.http.Route.BASE = os.environ[API]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ[GATEWAY])
    main([])
