"""The stand-in as a process of its own; prints its address as one line of JSON and runs until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import signal
import sys

from tests.kie_server import KieServer


async def serve(port: int, key: str, hmac_key: str | None, work_seconds: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with KieServer(port=port, key=key, hmac_key=hmac_key, work_seconds=work_seconds) as kie:
        sys.stdout.write(json.dumps({"url": kie.url}) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.kie_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="test-key")
    parser.add_argument("--hmac-key")
    parser.add_argument("--work-seconds", type=float, default=0.0)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.key, given.hmac_key, given.work_seconds))


main()
