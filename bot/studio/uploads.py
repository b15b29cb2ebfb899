"""Files in and out: the upload host's routes, and the addresses under which stored files can be fetched."""

import asyncio
import base64
import binascii
import mimetypes
import re
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from aiohttp import BodyPartReader, MultipartReader, web

from bot.studio import replies
from bot.studio.requests import RefusedError, read_json, text_field
from bot.studio.store import Store
from bot.studio.tasks import Upload

CHUNK_BYTES: Final = 1 << 20
LONGEST_FIELD_BYTES: Final = 4096
MOST_FIELDS: Final = 16
LONGEST_NAME: Final = 120

FILES: Final = "/files"

_TYPES: Final = mimetypes.MimeTypes()
"""Python's own table: the machine's would have to be read from disk."""


class Uploads:
    """Takes files of up to `max_mb` and gives each an address that cannot be guessed."""

    def __init__(self, store: Store, *, max_mb: int) -> None:
        """Files and their rows go into `store`."""
        self._store = store
        self._max_bytes = max_mb << 20
        self._max_mb = max_mb

    async def stream(self, request: web.Request) -> web.Response:
        """`POST /api/file-stream-upload`: multipart with `file`, `uploadPath` and perhaps `fileName`, in any order."""
        if request.content_type != "multipart/form-data":
            raise RefusedError(replies.BAD_REQUEST, "Please send multipart/form-data.")
        upload_id = secrets.token_hex(16)
        try:
            fields, size = await self._form(upload_id, await request.multipart())
            return await self._stored(request, upload_id, fields, size)
        except ValueError:
            await self._drop(upload_id)
            raise RefusedError(replies.BAD_REQUEST, "The form is not complete.") from None
        except RefusedError:
            await self._drop(upload_id)
            raise

    async def base64(self, request: web.Request) -> web.Response:
        """`POST /api/file-base64-upload`: JSON with `base64Data`, plain or as a data URL."""
        fields = await read_json(request, self._max_bytes * 4 // 3 + LONGEST_FIELD_BYTES)
        encoded = text_field(fields, "base64Data").rpartition(",")[2]
        try:
            data = await asyncio.to_thread(base64.b64decode, encoded, validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError(replies.BAD_REQUEST, "base64Data is not base64.") from None
        text_field(fields, "uploadPath")
        upload_id = secrets.token_hex(16)
        size = await self._keep(upload_id, _once(data))
        return await self._stored(request, upload_id, fields, size)

    async def from_url(self, _: web.Request) -> web.Response:
        """`POST /api/file-url-upload`: refused. Fetching strangers' addresses is the client's business."""
        raise RefusedError(
            replies.BAD_REQUEST, "This studio fetches no addresses. Please upload the file itself."
        )

    async def download(self, request: web.Request) -> web.StreamResponse:
        """`GET /files/ID/NAME`: the bytes; the id is the permission, the name is for people."""
        upload = await self._store.upload(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return web.FileResponse(
            self._store.upload_path(upload.id),
            headers={"Content-Type": upload.media_type, "X-Content-Type-Options": "nosniff"},
        )

    async def _form(self, upload_id: str, reader: MultipartReader) -> tuple[dict[str, Any], int]:
        """Keep the file and read the fields beside it; gives the fields and the file's size in bytes."""
        fields: dict[str, Any] = {}
        size = None
        for _ in range(MOST_FIELDS):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise RefusedError(replies.BAD_REQUEST, "Nested multipart is not supported.")
            if part.name == "file" and size is None:
                fields.setdefault("fileName", unquote(part.filename or ""))
                size = await self._keep(upload_id, _chunks(part))
            else:
                fields[part.name or ""] = await _text(part)
        if size is None:
            raise RefusedError(replies.BAD_REQUEST, "Please send a file.")
        return fields, size

    async def _drop(self, upload_id: str) -> None:
        await asyncio.to_thread(self._store.upload_path(upload_id).unlink, missing_ok=True)

    async def _keep(self, upload_id: str, chunks: AsyncIterator[bytes]) -> int:
        """Write the file, whole or not at all; gives its size in bytes."""
        path = self._store.upload_path(upload_id)
        part = path.with_suffix(".part")
        try:
            size = await self._write(part, chunks)
            await asyncio.to_thread(part.replace, path)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def _write(self, part: Path, chunks: AsyncIterator[bytes]) -> int:
        size = 0
        file = await asyncio.to_thread(part.open, "wb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_bytes:
                    raise RefusedError(replies.BAD_REQUEST, f"The file is larger than {self._max_mb} MB.")
                await asyncio.to_thread(file.write, chunk)
        finally:
            await asyncio.to_thread(file.close)
        return size

    async def _stored(
        self, request: web.Request, upload_id: str, fields: dict[str, Any], size: int
    ) -> web.Response:
        folder = text_field(fields, "uploadPath").strip("/")
        name = _safe_name(str(fields.get("fileName") or "")) or "file"
        media_type = _TYPES.guess_type(name)[0] or "application/octet-stream"
        await self._store.add_upload(Upload(upload_id, name, size, media_type, self._store.now_ms(), folder))
        data = {
            "success": True,
            "fileName": name,
            "filePath": f"{folder}/{name}",
            "downloadUrl": str(request.url.origin().with_path(f"{FILES}/{upload_id}/{name}")),
            "fileSize": size,
            "mimeType": media_type,
            "uploadedAt": datetime.fromtimestamp(self._store.now_ms() / 1000, UTC).isoformat(),
        }
        answer = {"success": True, "code": 200, "msg": "File uploaded successfully", "data": data}
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


def upload_id_of(address: str) -> str | None:
    """The id in an address that `Uploads` gave, also before a restart (the port may differ); None for any other."""
    found = re.search(rf"{FILES}/([0-9a-f]{{32}})(?:/|$)", address)
    return found[1] if found else None


def _safe_name(name: str) -> str:
    base = re.split(r"[/\\]", name)[-1]
    kept = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", base).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    return (
        kept if len(kept) <= LONGEST_NAME else stem[: LONGEST_NAME - 1 - len(suffix[:8])] + dot + suffix[:8]
    )


async def _text(part: BodyPartReader) -> str:
    text = b""
    async for chunk in _chunks(part):
        text += chunk
        if len(text) > LONGEST_FIELD_BYTES:
            raise RefusedError(replies.BAD_REQUEST, "A form field is too long.")
    return text.decode("utf-8", "replace")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(CHUNK_BYTES):
        yield chunk


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
