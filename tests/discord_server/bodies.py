"""Reads the body of a request: JSON, or JSON with files beside it."""

import json
import re
from dataclasses import dataclass

from aiohttp import web

from tests.discord_server.limits import REQUEST_LIMIT, Upload
from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import Json

BODY = web.RequestKey("body", object)

_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_NAME = re.compile(r'[; ]name="([^"]*)"')
_FILENAME = re.compile(r'filename="([^"]*)"')
_TYPE = re.compile(r"^content-type: *(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` is the JSON, `uploads` the files."""

    fields: Json
    uploads: tuple[Upload, ...] = ()


async def read_body(request: web.Request) -> Body:
    """The whole body.

    Raises:
        RefusedError: 40005 from 25 MiB on, 50035 for what is no JSON object.
    """
    # Read to the end in any case: a client that is still sending would see a reset in the place of the answer.
    raw = await request.read()
    if len(raw) > REQUEST_LIMIT:
        raise RefusedError(40005)
    if request.content_type == "multipart/form-data":
        body = _form(raw, request.headers["Content-Type"])
    elif request.content_type == "application/json":
        body = Body(_object(raw))
    else:
        raise invalid("_", "CONTENT_TYPE_INVALID", f"{request.content_type} is neither JSON nor a form")
    request[BODY] = body.fields
    return body


def _form(raw: bytes, content_type: str) -> Body:
    """Split by hand: aiohttp's reader of forms warns of its own code, now and then, and warnings are errors here."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise invalid("_", "INVALID_FORM", "no boundary")
    fields: Json = {}
    uploads = []
    for section in (b"\r\n" + raw).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head_bytes, _, data = section.partition(b"\r\n\r\n")
        head = head_bytes.decode()
        name, filename, kind = (found and found[1] for found in _searched(head))
        if name == "payload_json":
            fields = _object(data)
        elif name and filename and name.startswith("files["):
            uploads.append(Upload(name.removeprefix("files[").removesuffix("]"), filename, kind, data))
        else:
            raise invalid(name or "_", "FORM_FIELD_UNKNOWN", "Only payload_json and files[n]")
    return Body(fields, tuple(uploads))


def _searched(head: str) -> tuple[re.Match[str] | None, ...]:
    return _NAME.search(head), _FILENAME.search(head), _TYPE.search(head)


def _object(data: bytes) -> Json:
    try:
        read = json.loads(data or b"{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise invalid("_", "INVALID_JSON", "The request body contains invalid JSON.")
    return read
