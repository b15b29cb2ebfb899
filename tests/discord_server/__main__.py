"""The stand-in as a process of its own; prints its addresses as one line of JSON and runs until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import signal
import sys

from tests.discord_server import DiscordServer


async def serve(port: int, token: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with DiscordServer(port=port, token=token) as discord:
        addresses = {"url": discord.world.address, "api": discord.api_url, "gateway": discord.gateway_url}
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.discord_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="test-token")
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.token))


main()
