"""Reads what a client sends; whatever is wrong becomes one of kie's refusals."""

from typing import Any, Final

import msgspec
from aiohttp import web

from bot.nesting import is_too_deep
from bot.studio import replies

LONGEST_JSON_BYTES: Final = 64 << 10
LONGEST_TEXT: Final = 2048


class RefusedError(Exception):
    """An answer with a `code` other than 200."""

    def __init__(self, code: int, msg: str) -> None:
        """Both go into the answer."""
        super().__init__(msg)
        self.code = code
        self.msg = msg


async def read_json(request: web.Request, most_bytes: int = LONGEST_JSON_BYTES) -> dict[str, Any]:
    """The object in the request's body.

    Raises:
        RefusedError: too long, no JSON, nested too deeply, or no object.
    """
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most_bytes:
            raise RefusedError(replies.BAD_REQUEST, "The request is too long.")
    if is_too_deep(bytes(body)):
        raise RefusedError(replies.BAD_REQUEST, "The request is nested too deeply.")
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise RefusedError(replies.BAD_REQUEST, "The request is not valid JSON.") from None
    if not isinstance(found, dict):
        raise RefusedError(replies.BAD_REQUEST, "The request is not a JSON object.")
    return found


def text_field(fields: dict[str, Any], name: str) -> str:
    """A field that must be there, as text.

    Raises:
        RefusedError: it is missing, empty, no text or, but for file data, too long.
    """
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(replies.INVALID, f"Please enter {name}.")
    if len(value) > LONGEST_TEXT and name != "base64Data":
        raise RefusedError(replies.INVALID, f"{name} is too long.")
    return value
