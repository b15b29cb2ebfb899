"""Takes connections in, one at a time, so that a crowd at the port is not a crowd in the event loop."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from bot.errors import SettingsError
from bot.web.connections import Connections
from bot.web.tally import Tally

log = structlog.get_logger(__name__)

_WAITING = 128
"""Connections that the system keeps for us meanwhile; the last of them waits 0.3 s in a crowd."""

_CROWD_SECONDS = 0.002
"""Between two connections where each costs another one its place: 500 a second take a sixth of a core."""

_WITHOUT_DESCRIPTORS_SECONDS = 0.5


@asynccontextmanager
async def accepting(
    host: str, port: int, connections: Connections, handler: Callable[[], asyncio.Protocol], tally: Tally
) -> AsyncIterator[int]:
    """Take in what comes to `host` and `port` (0: any free one) during the block; gives the port.

    Raises:
        SettingsError: they cannot be listened on.
    """
    async with AsyncExitStack() as stack:
        sockets = await _listen(stack, host, port)
        factory = connections.factory(handler)
        tasks = [
            asyncio.create_task(_accept(one, factory, connections, tally), name="port") for one in sockets
        ]
        try:
            yield sockets[0].getsockname()[1]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(stack: AsyncExitStack, host: str, port: int) -> list[socket.socket]:
    """A socket for each address that `host` has here."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        sockets = []
        for family, _, _, _, address in dict.fromkeys(found):
            one = stack.enter_context(socket.create_server(address, family=family, backlog=_WAITING))
            one.setblocking(False)
            sockets.append(one)
    except socket.gaierror as error:
        raise SettingsError(f"HOST: {host} is no address of this machine") from error
    except OSError as error:
        raise SettingsError(
            f"PORT: {port} on {host} cannot be used ({os.strerror(error.errno or 0)})"
        ) from error
    return sockets


async def _accept(
    listening: socket.socket, factory: Callable[[], asyncio.Protocol], connections: Connections, tally: Tally
) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection, _ = await loop.sock_accept(listening)
            await loop.connect_accepted_socket(factory, connection)
        except ConnectionError:
            continue
        except OSError as error:
            # No descriptors or no memory left: what holds them gives them back, and the port stays open.
            if tally.count("not_accepted"):
                log.warning("port.not_accepted", reason=os.strerror(error.errno or 0))
            await asyncio.sleep(_WITHOUT_DESCRIPTORS_SECONDS)
        if connections.are_too_many:
            await asyncio.sleep(_CROWD_SECONDS)
