"""Files at addresses that users give: public http and https only, size and time bounded, audio only.

Every connection's final address is looked at where its socket is made: that holds for literal addresses, odd
spellings, redirects and names that change between look-up and use.
"""

import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from urllib.parse import unquote

import aiohttp
import yarl

from bot.audio.names import file_name
from bot.audio.pages import refuse_page
from bot.audio.public import is_public
from bot.audio.sniff import FIRST_BYTES, check
from bot.errors import (
    AddressFailedError,
    AddressRefusedError,
    FileTooLargeError,
    InputError,
    NotAudioError,
    WebPageGivenError,
)
from bot.language import text

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers are; any other port would make a port scanner of us."""

MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2000
CHUNK_BYTES = 65_536

TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=30)
"""100 MB at 1.4 Mbit/s; a server that says nothing for 30 s says nothing more."""

USER_AGENT = "Mozilla/5.0 (compatible; Pianola/0.1)"


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way: `content_type` is what its first bytes say, `size` what the server says; read `chunks` once."""

    name: str
    content_type: str
    size: int | None
    chunks: AsyncIterator[bytes]


class Fetcher:
    """Fetches audio. Only tests give it other `allows` and `ports`, to reach a server on loopback."""

    def __init__(
        self, *, allows: Callable[[str], bool] = is_public, ports: frozenset[int] | None = WEB_PORTS
    ) -> None:
        self._allows = allows
        self._ports = ports

    @asynccontextmanager
    async def fetch(self, address: str, *, max_bytes: int) -> AsyncIterator[Download]:
        """Open `address`; within the block its `chunks` can be read, at most `max_bytes` in all.

        Raises, here or while reading: `AddressRefusedError`, `AddressFailedError`, `FileTooLargeError`,
        `WebPageGivenError`, and what `bot.audio.sniff.check` raises.
        """
        async with AsyncExitStack() as stack:
            response = await self._open(stack, self._read_address(address))
            name = _name(response.headers.get("Content-Disposition", ""), response.url.path)
            limit_mb = max_bytes // 1_000_000
            if (response.content_length or 0) > max_bytes:
                raise FileTooLargeError(name=name, limit_mb=limit_mb)
            too_large = FileTooLargeError(name=name, limit_mb=limit_mb)
            rest = await stack.enter_async_context(aclosing(_chunks(response, max_bytes, too_large)))
            first = await _first(rest)
            kind = _check(first, name, response.content_type)
            chunks = await stack.enter_async_context(aclosing(_joined(first, rest)))
            yield Download(name, kind, response.content_length, chunks)

    def _read_address(self, given: str) -> yarl.URL:
        # Discord shows a link without a preview if it stands in angle brackets; people paste those too.
        address = given.strip().removeprefix("<").removesuffix(">")
        if len(address) > LONGEST_ADDRESS:
            raise AddressRefusedError(
                reason=text("it is longer than {most} characters"), most=LONGEST_ADDRESS
            )
        try:
            url = yarl.URL(address)
            host, port = url.host, url.port
        except ValueError as error:
            raise AddressRefusedError(reason=text("it is not a web address")) from error
        if url.scheme not in {"http", "https"}:
            raise AddressRefusedError(reason=text("it does not begin with http:// or https://"))
        if not host:
            raise AddressRefusedError(reason=text("it names no host"))
        if url.user or url.password:
            raise AddressRefusedError(reason=text("it has a user name or password in it"))
        if self._ports is not None and port not in self._ports:
            raise AddressRefusedError(reason=text("port {port} is not one of web servers"), port=port or 0)
        refuse_page(host, url.path)
        return url

    async def _open(self, stack: AsyncExitStack, url: yarl.URL) -> aiohttp.ClientResponse:
        refused: list[str] = []
        connector = aiohttp.TCPConnector(socket_factory=self._socket_factory(refused), force_close=True)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            )
        )
        for _ in range(MOST_REDIRECTS + 1):
            response = await _get(session, url, refused)
            stack.callback(response.close)
            if response.status not in {301, 302, 303, 307, 308}:
                _accept(response)
                return response
            url = self._next(url, response.headers.get("Location", ""))
        raise AddressFailedError(reason=text("it redirects more than {most} times"), most=MOST_REDIRECTS)

    def _next(self, url: yarl.URL, location: str) -> yarl.URL:
        try:
            target = str(url.join(yarl.URL(location)))
        except ValueError as error:
            raise AddressFailedError(
                reason=text("it redirects to something that is not an address")
            ) from error
        return self._read_address(target)

    def _socket_factory(self, refused: list[str]) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
        def make(info: aiohttp.AddrInfoType) -> socket.socket:
            family, kind, protocol, _, address = info
            host = str(address[0])
            if not self._allows(host):
                refused.append(host)
                raise OSError(f"{host} is not public")
            return socket.socket(family, kind, protocol)

        return make


async def _get(session: aiohttp.ClientSession, url: yarl.URL, refused: list[str]) -> aiohttp.ClientResponse:
    try:
        return await session.get(url, allow_redirects=False)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if refused:
            raise AddressRefusedError(
                ", ".join(refused), reason=text("it leads into a private network")
            ) from error
        raise _failed(error) from error


def _accept(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    try:
        phrase = f" ({HTTPStatus(response.status).phrase})"
    except ValueError:
        phrase = ""
    raise AddressFailedError(reason=text("its server answered {status}"), status=f"{response.status}{phrase}")


def _failed(error: Exception) -> InputError:
    reason = text("the connection broke off")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        reason = text("there is no such host")
    elif isinstance(error, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch)):
        reason = text("its certificate is not valid")
    elif isinstance(error, TimeoutError):
        reason = text("it took too long to answer")
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = text("nothing answers there")
    # Its type only: the text of some holds the whole address, which may carry a token.
    return AddressFailedError(type(error).__name__, reason=reason)


def _check(first: bytes, name: str, declared: str) -> str:
    """The media type by content; the declared type only tells a page from other things that are no audio."""
    try:
        return check(first, name=name)
    except NotAudioError as error:
        if declared in {"text/html", "application/xhtml+xml"}:
            raise WebPageGivenError from error
        raise


def _name(disposition: str, path: str) -> str:
    """The name in Content-Disposition, else the last part of the path."""
    header = Message()
    header["Content-Disposition"] = disposition.encode("utf-8", "replace").decode()
    return file_name(header.get_filename() or unquote(path))


async def _chunks(
    response: aiohttp.ClientResponse, max_bytes: int, too_large: FileTooLargeError
) -> AsyncGenerator[bytes, None]:
    read = 0
    try:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            read += len(chunk)
            if read > max_bytes:
                raise too_large
            yield chunk
    except (aiohttp.ClientError, OSError) as error:
        raise _failed(error) from error


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
