"""Files at addresses that users give: public http and https only, size and time bounded, audio only.

Every connection's final address is looked at where its socket is made: that holds for literal addresses, odd
spellings, redirects and names that change between look-up and use.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from http import HTTPStatus

import aiohttp
import msgspec
import yarl
from aiohttp.connector import Connection

from bot.audio.addresses import no_address, read_address
from bot.audio.body import Pace, read_body
from bot.audio.errors import (
    AddressFailedError,
    AddressRefusedError,
    FileTooLargeError,
    NotAudioError,
    WebPageGivenError,
)
from bot.audio.failures import failed, nowhere
from bot.audio.names import name_of_download
from bot.audio.public import is_public
from bot.audio.sniff import FIRST_BYTES, check
from bot.language import text
from bot.version import USER_AGENT

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers are; any other port would make a port scanner of us."""

MOST_REDIRECTS = 3

MOST_INTERIM_ANSWERS = 8
"""102 Processing and its like; aiohttp would read them for ever."""

TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=30)
"""A server that says nothing for 30 s says nothing more. `Pace` bounds the whole."""


class Download(msgspec.Struct, frozen=True):
    """A file on its way: `content_type` is what its first bytes say, `size` what the server says; read `chunks` once."""

    name: str
    content_type: str
    size: int | None
    chunks: AsyncIterator[bytes]


class Fetcher:
    """Fetches audio from where people say, or from where it is known to be with other `allows` and `ports`."""

    def __init__(
        self, *, allows: Callable[[str], bool] = is_public, ports: frozenset[int] | None = WEB_PORTS
    ) -> None:
        """`allows` says which numeric addresses may be reached."""
        self._allows = allows
        self._ports = ports

    @asynccontextmanager
    async def fetch(
        self, address: str, *, max_bytes: int, name: str | None = None
    ) -> AsyncIterator[Download]:
        """Open `address`; within the block its `chunks` can be read, at most `max_bytes` in all.

        `name` is the file's, where it is known. Raises, here or while reading: `AddressRefusedError`,
        `AddressFailedError`, `FileTooLargeError`, `WebPageGivenError`, and what `bot.audio.sniff.check` raises.
        """
        pace = Pace()
        async with AsyncExitStack() as stack:
            response = await self._open(stack, self._checked(read_address(address)), pace)
            name = name or name_of_download(
                response.headers.get("Content-Disposition", ""), response.url.path
            )
            too_large = FileTooLargeError(name=name, limit_mb=max_bytes >> 20)
            if (response.content_length or 0) > max_bytes:
                raise too_large
            body = read_body(response, pace, most_bytes=max_bytes, too_large=too_large)
            rest = await stack.enter_async_context(aclosing(body))
            first = await _first(rest)
            kind = _check(first, name, response.content_type)
            chunks = await stack.enter_async_context(aclosing(_joined(first, rest)))
            yield Download(name, kind, response.content_length, chunks)

    def _checked(self, url: yarl.URL) -> yarl.URL:
        if self._ports is not None and url.port not in self._ports:
            raise AddressRefusedError(
                reason=text("port {port} is not one that web servers use"), port=url.port or 0
            )
        return url

    async def _open(self, stack: AsyncExitStack, url: yarl.URL, pace: Pace) -> aiohttp.ClientResponse:
        refused: list[str] = []
        connector = aiohttp.TCPConnector(socket_factory=self._socket_factory(refused), force_close=True)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
                auto_decompress=False,
                response_class=_Response,
            )
        )
        for _ in range(MOST_REDIRECTS + 1):
            response = await _get(session, url, refused, pace)
            stack.callback(response.close)
            if response.status not in {301, 302, 303, 307, 308}:
                _accept(response)
                return response
            url = self._next(url, response.headers.get("Location", ""))
        raise AddressFailedError(reason=text("it redirects more than {most} times"), most=MOST_REDIRECTS)

    def _next(self, url: yarl.URL, location: str) -> yarl.URL:
        to_nothing = AddressFailedError(reason=text("it redirects to something that is not an address"))
        if not location.strip():
            # As a relative address it would lead to this one again.
            raise to_nothing
        try:
            target = str(url.join(yarl.URL(location)))
        except ValueError as error:
            raise to_nothing from error
        return self._checked(read_address(target))

    def _socket_factory(self, refused: list[str]) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
        def make(info: aiohttp.AddrInfoType) -> socket.socket:
            family, kind, protocol, _, address = info
            host = str(address[0])
            if not self._allows(host):
                refused.append(host)
                raise OSError(f"{host} is not public")
            return socket.socket(family, kind, protocol)

        return make


class _Response(aiohttp.ClientResponse):
    """An answer that has to begin at some time."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head of the answer, and of the interim ones before it."""
        protocol = connection.protocol
        if protocol is not None:
            read, left = protocol.read, MOST_INTERIM_ANSWERS

            async def read_some() -> tuple[aiohttp.http.RawResponseMessage, aiohttp.StreamReader]:
                nonlocal left
                left -= 1
                if left < 0:
                    raise aiohttp.ClientConnectionError("endless interim answers")
                return await read()

            protocol.read = read_some  # type: ignore[method-assign]  # aiohttp has no other way to count them
        return await super().start(connection)


async def _get(
    session: aiohttp.ClientSession, url: yarl.URL, refused: list[str], pace: Pace
) -> aiohttp.ClientResponse:
    try:
        async with asyncio.timeout_at(pace.until()):
            return await session.get(url, allow_redirects=False)
    except (aiohttp.InvalidURL, UnicodeError) as error:
        # Hosts that are numbers in odd spellings, and names longer than any is.
        raise no_address() from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if refused:
            raise nowhere(", ".join(refused)) from error
        raise failed(error) from error


def _accept(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    try:
        phrase = f" ({HTTPStatus(response.status).phrase})"
    except ValueError:
        phrase = ""
    raise AddressFailedError(
        reason=text("its server answered {status}"), status=f"{response.status}{phrase}", code=response.status
    )


def _check(first: bytes, name: str, declared: str) -> str:
    """The media type by content; the declared type only tells a page from other things that are no audio."""
    try:
        return check(first, name=name)
    except NotAudioError as error:
        if declared in {"text/html", "application/xhtml+xml"}:
            raise WebPageGivenError from error
        raise


async def _first(chunks: AsyncIterator[bytes]) -> bytes:
    first = bytearray()
    async for chunk in chunks:
        first += chunk
        if len(first) >= FIRST_BYTES:
            break
    return bytes(first)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield first
    async for chunk in rest:
        yield chunk
