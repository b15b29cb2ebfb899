"""One request to the remote API and its answer: status, body code and `data`, whatever came."""

import asyncio
import re
from collections.abc import Mapping

import aiohttp
import msgspec

from bot.errors import StudioError
from bot.kie.errors import (
    NoAnswerError,
    RetiredError,
    TooLargeNotesError,
    UnreachableError,
    UnreadableAnswerError,
)
from bot.kie.fields import MalformedError, read_object, text, whole
from bot.measures import KIE_CALLS, count
from bot.version import USER_AGENT

MOST_ANSWER_BYTES = 1 << 20

_LARGE = 256 << 10
"""From here on reading an answer would hold up the loop."""

EXCERPT_CHARACTERS = 500


class Answer(msgspec.Struct, frozen=True):
    """What came back: `code` is the body's (the HTTP status where it has none), `data` is undecoded."""

    status: int
    code: int
    message: str
    data: msgspec.Raw | None
    excerpt: str


class Transport:
    """Sends with our key and reads what comes; knows nothing of what a call costs or means."""

    def __init__(self, session: aiohttp.ClientSession, key: str) -> None:
        self._session = session
        self._key = key

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        form: aiohttp.FormData | None = None,
        total_seconds: float = 60.0,
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> Answer:
        """One request, one answer. Redirects are not followed: the key goes nowhere else.

        Raises:
            UnreachableError: no connection; nothing was sent.
            NoAnswerError: something may have been sent, and no whole answer came.
            UnreadableAnswerError: an answer that is no JSON object, or too large a one.
            TooLargeNotesError: a record, which may have over `MOST_ANSWER_BYTES`, has over `most_bytes`.
            RetiredError: there is no such path any more.
        """
        outcome = "cancelled"
        try:
            answer = await self._asked(
                method,
                url,
                params=params,
                json=json,
                form=form,
                total_seconds=total_seconds,
                most_bytes=most_bytes,
            )
            outcome = str(answer.code) if 100 <= answer.code < 600 else "unknown code"
        except StudioError as error:
            outcome = error.code
            raise
        finally:
            count(KIE_CALLS, _place(url), outcome)
        return answer

    async def _asked(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None,
        json: Mapping[str, object] | None,
        form: aiohttp.FormData | None,
        total_seconds: float,
        most_bytes: int,
    ) -> Answer:
        try:
            async with self._session.request(
                method,
                url,
                params=params,
                json=json,
                data=form,
                headers={"Authorization": f"Bearer {self._key}", "User-Agent": USER_AGENT},
                timeout=aiohttp.ClientTimeout(total=total_seconds, sock_connect=10),
                allow_redirects=False,
            ) as response:
                body = await _read(response, most_bytes)
                status = response.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise UnreachableError(f"{method} {_place(url)}: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswerError(f"{method} {_place(url)}: {type(error).__name__}") from error
        call = f"{method} {_place(url)}"
        if len(body) < _LARGE:
            return self._understand(call, status, body, most_bytes)
        return await asyncio.to_thread(self._understand, call, status, body, most_bytes)

    def _understand(self, call: str, status: int, body: bytes, most_bytes: int) -> Answer:
        excerpt = f"{call}: HTTP {status}: {self.excerpt(body)}"
        if status in {404, 405, 410} or 300 <= status < 400:
            raise RetiredError(excerpt)
        if len(body) > most_bytes:
            # A page in the place of a small answer passes; a record that holds too much will hold it at every look.
            kind = UnreadableAnswerError if most_bytes <= MOST_ANSWER_BYTES else TooLargeNotesError
            raise kind(f"{call}: HTTP {status}: more than {most_bytes} bytes", status=status)
        try:
            top = read_object(body)
        except MalformedError as error:
            if status == 505:
                raise RetiredError(excerpt) from error
            raise UnreadableAnswerError(excerpt, status=status) from error
        code = whole(top.get("code"))
        return Answer(
            status, status if code is None else code, text(top.get("msg")), top.get("data"), excerpt
        )

    def excerpt(self, body: bytes) -> str:
        """The first 500 characters for the log: no key, and of addresses the host only (callbacks have secret paths)."""
        shown = body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace").replace("\\/", "/")
        if self._key:
            shown = shown.replace(self._key, "•••")
        shown = _AFTER_HOST.sub(r"\1/…", shown)
        return " ".join(shown.split())[:EXCERPT_CHARACTERS]


_AFTER_HOST = re.compile(r"(https?://[^\s/\"'<>\\]+)/[^\s\"'<>\\]*")


def _place(url: str) -> str:
    """The path, which names the call; hosts stand in the settings."""
    return "/" + url.split("://", 1)[-1].partition("/")[2]


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The body; of a longer one than `most_bytes` no more than what shows that."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > most_bytes:
            break
    return b"".join(chunks)
