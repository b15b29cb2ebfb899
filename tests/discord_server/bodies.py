"""Reads the body of a request: JSON, or JSON with files beside it."""

import json
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from tests.discord_server.limits import REQUEST_LIMIT, Upload
from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import Json

BODY = web.RequestKey("body", object)


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
    if (request.content_length or 0) > REQUEST_LIMIT:
        # Read to the end: a client that is still sending would see a reset in the place of the answer.
        await request.read()
        raise RefusedError(40005)
    if request.content_type == "multipart/form-data":
        body = await _parts(request)
    elif request.content_type == "application/json":
        body = Body(_object(await request.read()))
    else:
        raise invalid("_", "CONTENT_TYPE_INVALID", f"{request.content_type} is neither JSON nor a form")
    request[BODY] = body.fields
    return body


async def _parts(request: web.Request) -> Body:
    fields: Json = {}
    uploads = []
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader):
            raise invalid("_", "MULTIPART_NESTED", "A form in a form")
        data = bytes(await part.read())
        name = part.name or ""
        if name == "payload_json":
            fields = _object(data)
        elif name.startswith("files[") and part.filename:
            number = name.removeprefix("files[").removesuffix("]")
            uploads.append(Upload(number, part.filename, part.headers.get("Content-Type"), data))
        else:
            raise invalid(name, "FORM_FIELD_UNKNOWN", "Only payload_json and files[n]")
    return Body(fields, tuple(uploads))


def _object(data: bytes) -> Json:
    try:
        read = json.loads(data or b"{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise invalid("_", "INVALID_JSON", "The request body contains invalid JSON.")
    return read
