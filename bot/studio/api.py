"""kie's task routes: separation, MIDI, their records, and credits."""

import secrets
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.kie.strength import Strength
from bot.music.instruments.programs import sound_named
from bot.studio import replies
from bot.studio.requests import LONGEST_TEXT, RefusedError, read_json, text_field
from bot.studio.store import Store
from bot.studio.tasks import Kind, State, Task
from bot.studio.uploads import upload_id_of
from bot.studio.work import Work

SEPARATION_TYPES: Final = frozenset({"separate_vocal", "split_stem", "split_stem_advanced"})

CREDITS: Final = 1_000_000
"""This studio costs nothing; clients that look for credits before they begin find enough."""

NO_RECORD: Final = "Record does not exist"


class Api:
    """Takes tasks into the store and reads them out again."""

    def __init__(self, store: Store, work: Work) -> None:
        """`work` does what `store` holds."""
        self._store = store
        self._work = work

    async def separate(self, request: web.Request) -> web.Response:
        """`POST /api/v1/vocal-removal/generate`: each upload is one stem already, so this only measures it."""
        fields = await read_json(request)
        callback_url = _callback_url(fields)
        _strength(fields)  # of the notes, which come later: what would be refused then is refused now
        _instrument(fields)
        if fields.get("type", "separate_vocal") not in SEPARATION_TYPES:
            raise RefusedError(
                replies.INVALID, "type is not one of separate_vocal, split_stem, split_stem_advanced"
            )
        if not fields.get("audioUrl"):
            text_field(fields, "taskId")
            raise RefusedError(replies.INVALID, NO_RECORD)
        if fields.get("audioId"):
            raise RefusedError(replies.INVALID, "audioUrl must not be combined with audioId")
        upload_id = upload_id_of(text_field(fields, "audioUrl"))
        upload = await self._store.upload(upload_id) if upload_id else None
        task = await self._store.add_task(
            Kind.SEPARATION, upload, audio_id=secrets.token_hex(16), callback_url=callback_url
        )
        return self._accepted(task)

    async def generate_midi(self, request: web.Request) -> web.Response:
        """`POST /api/v1/midi/generate`: the notes of a finished separation.

        Two fields that kie lacks tell them otherwise, without hearing the song again: `strength` (fewer, usual, more) and
        `instrument`, what the track is.
        """
        fields = await read_json(request)
        separation = await self._store.task(text_field(fields, "taskId"), Kind.SEPARATION)
        callback_url = _callback_url(fields)
        if separation is None or fields.get("audioId", separation.audio_id) not in {
            separation.audio_id,
            None,
            "",
        }:
            raise RefusedError(replies.INVALID, NO_RECORD)
        if separation.state is not State.DONE:
            raise RefusedError(replies.INVALID, "The separation has not succeeded.")
        task = await self._store.add_task(
            Kind.MIDI,
            await self._store.upload(separation.upload_id or ""),
            of=separation,
            audio_id=separation.audio_id,
            callback_url=callback_url,
            strength=_strength(fields),
            instrument=_instrument(fields),
        )
        return self._accepted(task)

    async def separation_record(self, request: web.Request) -> web.Response:
        """`GET /api/v1/vocal-removal/record-info`."""
        task = await self._asked_for(request, Kind.SEPARATION)
        url = stem_url(task, str(request.url.origin())) if task else ""
        return _json(replies.separation_record(task, url) if task else replies.reply())

    async def midi_record(self, request: web.Request) -> web.Response:
        """`GET /api/v1/midi/record-info`."""
        task = await self._asked_for(request, Kind.MIDI)
        if task is None:
            return _json(replies.reply())
        return _json(replies.midi_record(task, await self._work.notes(task), self._work.strengths))

    async def music_record(self, request: web.Request) -> web.Response:
        """`GET /api/v1/generate/record-info`: this studio makes no music, so it knows no such task."""
        text_field(dict(request.query), "taskId")
        return _json(replies.reply())

    async def credit(self, _: web.Request) -> web.Response:
        """`GET /api/v1/chat/credit`."""
        return _json(replies.reply(CREDITS))

    async def forget(self, request: web.Request) -> web.Response:
        """`POST /pianola/forget`: none of kie's routes. Deletes the uploads at `urls` and the tasks of `taskIds`.

        All that was made of the same sound goes with them; the tasks of `notesOf`, which may be missing, go alone.
        """
        fields = await read_json(request)
        found = (upload_id_of(url) for url in _texts(fields, "urls"))
        await self._store.forget(
            uploads=[upload_id for upload_id in found if upload_id],
            tasks=_texts(fields, "taskIds"),
            alone=_texts(fields, "notesOf") if "notesOf" in fields else [],
        )
        return _json(replies.reply())

    async def _asked_for(self, request: web.Request, kind: Kind) -> Task | None:
        return await self._store.task(text_field(dict(request.query), "taskId"), kind)

    def _accepted(self, task: Task) -> web.Response:
        self._work.wake()
        return _json(replies.reply({"taskId": task.id}))


def stem_url(task: Task, origin: str) -> str:
    """Where the one stem of a separation can be fetched; as with kie, the stem's id begins the file's name."""
    suffix = task.file_name.rpartition(".")[2]
    ending = f".{suffix}" if suffix.isascii() and suffix.isalnum() and suffix != task.file_name else ""
    return f"{origin}/files/{task.upload_id}/{task.audio_id}_{task.part.group}{ending}"


def _strength(fields: dict[str, Any]) -> Strength:
    given = fields.get("strength")
    try:
        return Strength.USUAL if given is None else Strength(given)
    except ValueError:
        raise RefusedError(replies.INVALID, f"strength is not one of {', '.join(Strength)}") from None


def _instrument(fields: dict[str, Any]) -> str | None:
    given = fields.get("instrument")
    if given is None or given == "":
        return None
    if not isinstance(given, str) or len(given) > LONGEST_TEXT or sound_named(given) is None:
        raise RefusedError(
            replies.INVALID,
            "instrument is not one that is known: give a name of General MIDI such as Violin, a plain word such as bass, "
            "or Drums",
        )
    return given


def _callback_url(fields: dict[str, Any]) -> str:
    url = text_field(fields, "callBackUrl")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError(replies.INVALID, "callBackUrl is not an http address.")
    return url


def _texts(fields: dict[str, Any], name: str) -> list[str]:
    values = fields.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise RefusedError(replies.INVALID, f"{name} is not a list of texts.")
    return values


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")
