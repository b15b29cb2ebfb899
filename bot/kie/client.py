"""The remote API's client: upload, separation, MIDI, records, credits. The built-in studio is asked in the same way."""

import asyncio
import io
import time
from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import urlsplit

import aiohttp
import stamina
from stamina.instrumentation import StructlogOnRetryHook, set_on_retry_hooks

from bot.errors import StudioError
from bot.kie.errors import (
    BusyError,
    NoAnswerError,
    NoCreditsError,
    NotFoundError,
    RetiredError,
    StudioBrokenError,
    TooLargeNotesError,
    UnclearOutcomeError,
    UnreachableError,
    UnreadableAnswerError,
    refusal,
)
from bot.kie.fields import fields, first, number, text
from bot.kie.limits import Monotonic, Pace, Window
from bot.kie.paths import LEGACY, Paths
from bot.kie.payloads import (
    LONGEST_ID,
    MidiRecord,
    MusicRecord,
    Progress,
    SeparationRecord,
    read_midi,
    read_music,
    read_separation,
)
from bot.kie.separation import LISTED, Prices
from bot.kie.strength import Strength
from bot.kie.transport import MOST_ANSWER_BYTES, Answer, Transport

MOST_NOTES_BYTES = 32 << 20
"""Some 75 bytes each, so about 450 000 of them: as many as are read (`bot.music.read.parse.MAX_BODY_BYTES`)."""

MOST_RECORD_BYTES = 64 << 20
"""A MIDI record may hold its notes as a string, with a backslash before every quotation mark."""

UPLOAD_SECONDS = 900.0
"""500 MB, the most that the settings allow, at 4.5 Mbit/s."""

NOT_PASSED_ON = frozenset({503, 521, 523})
"""What the service's front says when it did not reach the service: nothing was accepted."""

_FORGET = "/pianola/forget"

_PASSING = (NoAnswerError, StudioBrokenError, UnreachableError, UnreadableAnswerError)
"""What a second try of a free call may well not meet again."""

# What else it finds installed it would import at the first failure: Prometheus' client, a twentieth of a second on the loop.
set_on_retry_hooks([StructlogOnRetryHook])

_TRIES = stamina.AsyncRetryingCaller(
    attempts=3, timeout=90, wait_initial=0.3, wait_max=2.0, wait_jitter=0.3
).on(_PASSING)


class KieClient:
    """One account at a kie-compatible service.

    Every method raises a `StudioError`: one of `bot.kie.errors`. Free calls are tried up to three times. Calls
    that cost are sent once: `UnclearOutcomeError` says that the service may have accepted what it did not answer.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        upload_url: str,
        key: str,
        clock: Monotonic = time.monotonic,
        paths: Paths = LEGACY,
        prices: Prices = LISTED,
    ) -> None:
        """`prices` only tell an empty account from a busy service."""
        self._prices = prices
        self._transport = Transport(session, key)
        self._api_url = api_url.rstrip("/")
        self._upload_url = upload_url.rstrip("/")
        self._paths = paths
        self._window = Window(clock=clock)
        self._pace = Pace(clock=clock)

    async def upload(
        self, data: BinaryIO | bytes, *, name: str, folder: str, content_type: str | None = None
    ) -> str:
        """Store a file at the service for some days and return its address; free.

        Give each file a random `name`: the service overwrites equal ones. An open file is read from where it stands,
        piece by piece, and once more after a lost answer; it stays open.
        """
        url = self._upload_url + self._paths.upload
        begins_at = 0 if isinstance(data, bytes) else data.tell()

        async def once() -> str:
            # aiohttp writes raw bytes in one go, which holds up the loop from 1 MiB on; a file it reads piece by piece.
            file = io.BytesIO(data) if isinstance(data, bytes) else _Lent(data)
            file.seek(begins_at)
            return await self._send_file(url, _form(file, name, folder, content_type))

        return await _TRIES(once)

    async def separate(
        self,
        *,
        callback_url: str,
        audio_url: str | None = None,
        task_id: str | None = None,
        audio_id: str | None = None,
        type: str = "separate_vocal",  # noqa: A002 -- the API's own name
        stem_name: str | None = None,
    ) -> str:
        """Start separating an uploaded file (`audio_url`), or track `audio_id` of music task `task_id`; costs credits.

        Returns the separation's task id. `stem_name` is for `split_stem_advanced`.
        """
        if (audio_url is None) == (task_id is None):
            raise ValueError("give either audio_url or task_id")
        body = {
            "audioUrl": audio_url,
            "taskId": task_id,
            "audioId": audio_id,
            "type": type,
            "stemName": stem_name,
            "callBackUrl": callback_url,
        }
        price = self._prices.get(type, 0.0)
        return await self._submit(self._paths.separate, body, price=price, about_audio=audio_url is not None)

    async def separation(self, task_id: str) -> SeparationRecord:
        """Look a separation up."""
        try:
            answer = await self._look_up(self._paths.separation, task_id)
        except NotFoundError:
            return SeparationRecord(Progress.MISSING)
        return read_separation(answer.data)

    async def generate_midi(
        self,
        task_id: str,
        *,
        callback_url: str,
        audio_id: str | None = None,
        strength: Strength | None = None,
        instrument: str | None = None,
    ) -> str:
        """Start transcribing a finished separation, all of it or stem `audio_id`; returns the MIDI task's id.

        Listed at 0 credits, but handled as a call that costs: prices change. `strength` and `instrument` are for the
        built-in studio, which alone knows them.
        """
        body = {
            "taskId": task_id,
            "audioId": audio_id,
            "callBackUrl": callback_url,
            "strength": strength,
            "instrument": instrument,
        }
        return await self._submit(self._paths.generate_midi, body, price=0, about_audio=False)

    async def midi(self, task_id: str) -> MidiRecord:
        """Look a MIDI task up; up to 32 MiB of notes come with it.

        Raises:
            TooLargeNotesError: it has more, and will have more at every look.
        """
        try:
            answer = await self._look_up(self._paths.midi, task_id, most_bytes=MOST_RECORD_BYTES)
        except NotFoundError:
            return MidiRecord(Progress.MISSING)
        record = await asyncio.to_thread(read_midi, answer.data)
        if record.notes and len(record.notes) > MOST_NOTES_BYTES:
            raise TooLargeNotesError(f"notes of {len(record.notes)} bytes for {task_id}")
        return record

    async def music(self, task_id: str) -> MusicRecord:
        """Look a music task up."""
        try:
            answer = await self._look_up(self._paths.music, task_id)
        except NotFoundError:
            return MusicRecord(Progress.MISSING)
        return read_music(answer.data)

    async def credits(self) -> float:
        """What is left on the account; a decimal number."""
        answer = await self._look_up(self._paths.credits)
        left = number(answer.data)
        if left is None:
            raise UnreadableAnswerError(answer.excerpt)
        return left

    async def forget(
        self, urls: Sequence[str], task_ids: Sequence[str], notes_of: Sequence[str] = ()
    ) -> None:
        """Delete uploads and tasks, and all of the same sound; of `notes_of` only these tasks. The built-in studio knows how."""
        body = {"urls": list(urls), "taskIds": list(task_ids), "notesOf": list(notes_of)}
        _accept(await self._transport.ask("POST", self._api_url + _FORGET, json=body))

    def moved(self, url: str) -> str:
        """The address of a file that was uploaded here when this service was at another one."""
        own = urlsplit(self._upload_url)
        return urlsplit(url)._replace(scheme=own.scheme, netloc=own.netloc).geturl()

    async def _send_file(self, url: str, form: aiohttp.FormData) -> str:
        answer = await self._transport.ask("POST", url, form=form, total_seconds=UPLOAD_SECONDS)
        _accept(answer, about_audio=True)
        stored = fields(answer.data)
        address = text(stored.get("downloadUrl")) or text(stored.get("fileUrl"))
        if not address.startswith(("https://", "http://")):
            raise UnreadableAnswerError(answer.excerpt)
        return address

    async def _look_up(
        self, path: str, task_id: str | None = None, *, most_bytes: int = MOST_ANSWER_BYTES
    ) -> Answer:
        params = None if task_id is None else {"taskId": task_id}

        async def once() -> Answer:
            await self._pace.turn(f"{path} {task_id}")
            url = self._api_url + path
            answer = await self._transport.ask("GET", url, params=params, most_bytes=most_bytes)
            if answer.code == 404:
                # Of a path; records that are not there are `null`, or a 422 that says so.
                raise RetiredError(answer.excerpt)
            _accept(answer)
            return answer

        return await _TRIES(once)

    async def _submit(
        self, path: str, body: dict[str, str | None], *, price: float, about_audio: bool
    ) -> str:
        given = {name: value for name, value in body.items() if value is not None}
        async with self._window.place():
            answer = await self._ask_once(path, given)
        if answer.code in {429, 430}:
            raise await self._busy_or_broke(answer, price)
        if answer.code == 408:
            raise UnclearOutcomeError(answer.excerpt)
        if answer.code != 200:
            raise refusal(answer.code, answer.message, about_audio=about_audio, detail=answer.excerpt)
        task_id = text(first(fields(answer.data), "taskId", "task_id"))
        if answer.status >= 300 or not 0 < len(task_id) <= LONGEST_ID:
            raise UnclearOutcomeError(answer.excerpt)
        return task_id

    async def _ask_once(self, path: str, body: dict[str, str]) -> Answer:
        try:
            return await self._transport.ask("POST", self._api_url + path, json=body)
        except NoAnswerError as error:
            raise UnclearOutcomeError(error.detail) from error
        except UnreadableAnswerError as error:
            status = int(error.values.get("status", 0))
            if status in NOT_PASSED_ON:
                raise StudioBrokenError(error.detail) from error
            if 400 <= status < 500:
                raise refusal(status, "", detail=error.detail) from error
            raise UnclearOutcomeError(error.detail) from error

    async def _busy_or_broke(self, answer: Answer, price: float) -> StudioError:
        """429 means too fast on one page and no credits on another: the account tells them apart."""
        try:
            left = await self.credits()
        except StudioError:
            left = float("inf")
        if left <= 0 or left < price or "credit" in answer.message.casefold():
            return NoCreditsError(answer.excerpt)
        return BusyError(answer.excerpt)


def _accept(answer: Answer, *, about_audio: bool = False) -> None:
    code = answer.status if answer.code == 200 else answer.code
    if not 200 <= code < 300:
        raise refusal(code, answer.message, about_audio=about_audio, detail=answer.excerpt)


class _Lent(io.BufferedIOBase):
    """A file that stays open: aiohttp closes what it has sent, and what it could not send."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


def _form(file: io.BufferedIOBase, name: str, folder: str, content_type: str | None) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("uploadPath", folder)
    form.add_field("fileName", name)
    form.add_field("file", file, filename=name, content_type=content_type or "application/octet-stream")
    return form
