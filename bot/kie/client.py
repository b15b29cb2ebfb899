"""The remote API's client: upload, separation, MIDI, records, credits. The built-in studio is asked in the same way."""

import io
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing

import aiohttp
import stamina

from bot.errors import StudioError
from bot.kie.errors import (
    BusyError,
    NoAnswerError,
    NoCreditsError,
    NotFoundError,
    StudioBrokenError,
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
from bot.kie.transport import MOST_ANSWER_BYTES, Answer, Transport

MOST_NOTES_BYTES = 64 << 20
"""A MIDI record holds all notes: some 75 bytes each, so about 900 000 of them."""

UPLOAD_SECONDS = 900.0
"""500 MB, the most that the settings allow, at 4.5 Mbit/s."""

NOT_PASSED_ON = frozenset({503, 521, 523})
"""What the service's front says when it did not reach the service: nothing was accepted."""

_PASSING = (NoAnswerError, StudioBrokenError, UnreachableError, UnreadableAnswerError)
"""What a second try of a free call may well not meet again."""

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
        self, data: AsyncIterable[bytes] | bytes, *, name: str, folder: str, content_type: str | None = None
    ) -> str:
        """Store a file at the service for some days and return its address; free.

        Give each file a random `name`: the service overwrites equal ones. A stream is read once, so only `bytes` are
        sent again after a lost answer. What the stream itself raises comes out as it was raised.
        """
        url = self._upload_url + self._paths.upload
        if isinstance(data, bytes):
            whole = data
            # No arguments: stamina would write them to the log.
            return await _TRIES(lambda: self._send_file(url, _form(whole, name, folder, content_type)))
        failures: list[Exception] = []
        async with aclosing(_watched(data, failures)) as source:
            try:
                return await self._send_file(url, _form(source, name, folder, content_type))
            except StudioError:
                if failures:
                    raise failures[0] from None
                raise

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

    async def generate_midi(self, task_id: str, *, callback_url: str, audio_id: str | None = None) -> str:
        """Start transcribing a finished separation, all of it or stem `audio_id`; returns the MIDI task's id.

        Listed at 0 credits, but handled as a call that costs: prices change.
        """
        body = {"taskId": task_id, "audioId": audio_id, "callBackUrl": callback_url}
        return await self._submit(self._paths.generate_midi, body, price=0, about_audio=False)

    async def midi(self, task_id: str) -> MidiRecord:
        """Look a MIDI task up; up to 64 MiB of notes come with it."""
        try:
            answer = await self._look_up(self._paths.midi, task_id, most_bytes=MOST_NOTES_BYTES)
        except NotFoundError:
            return MidiRecord(Progress.MISSING)
        return read_midi(answer.data)

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


def _form(
    content: AsyncIterator[bytes] | bytes, name: str, folder: str, content_type: str | None
) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("uploadPath", folder)
    form.add_field("fileName", name)
    # aiohttp writes raw bytes in one go, which holds up the loop from 1 MiB on; a file it reads piece by piece.
    whole_or_stream = io.BytesIO(content) if isinstance(content, bytes) else content
    form.add_field(
        "file", whole_or_stream, filename=name, content_type=content_type or "application/octet-stream"
    )
    return form


async def _watched(data: AsyncIterable[bytes], failures: list[Exception]) -> AsyncGenerator[bytes, None]:
    """`data`, remembering what it raises: aiohttp would report that as a broken connection."""
    try:
        async for chunk in data:
            yield chunk
    except Exception as error:
        failures.append(error)
        raise
