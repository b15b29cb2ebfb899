"""A stand-in that speaks the HTTP API of `muscriptor serve` 0.4, and hears one tone at a time, or strokes, in the wav that it is sent."""

import asyncio
import io
import json
import math
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

CHUNK_SECONDS = 5.0
FRAME_SECONDS = 0.09
LATE_SECONDS = 0.02
"""What all notes are late, and the server finds out at the end."""


@dataclass
class MuScriptorServer:
    """`busy` requests are refused with 503 first; `says` takes the events' place; it may break off before the last of them."""

    url: str = ""
    busy: int = 0
    says: list[str] | None = None
    breaks_off: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        with upload.file as file:
            data = file.read()
        groups = [str(group) for group in form.getall("instruments", [])]
        self.asked.append({"groups": groups, "client": request.headers.get("X-Client-Id")})
        if self.busy:
            self.busy -= 1
            return web.json_response({"detail": "server busy"}, status=503)
        sound, rate_hz = samples(data)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        for said in events(sound, rate_hz, groups) if self.says is None else self.says:
            if self.breaks_off and "complete" in said:
                break
            await answer.write(f"data: {said}\n\n".encode())
        return answer


@contextmanager
def serving() -> Iterator[MuScriptorServer]:
    """The stand-in on loopback, in a thread of its own: engines wait for it without a loop."""
    server, loop = MuScriptorServer(), asyncio.new_event_loop()
    application = web.Application(client_max_size=1 << 26)
    application.add_routes([web.get("/health", server.health), web.post("/transcribe", server.transcribe)])
    runner = web.AppRunner(application)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()

    thread = threading.Thread(target=loop.run_forever, name="muscriptor-stand-in")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def samples(data: bytes) -> tuple[NDArray[np.float32], int]:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        whole = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return (whole / 32_768).astype(np.float32), int(file.getframerate())


def events(sound: NDArray[np.float32], rate_hz: int, groups: list[str]) -> Iterator[str]:
    """What it says: the notes chunk by chunk, each once it has ended."""
    chunks = -(-sound.size // round(CHUNK_SECONDS * rate_hz))
    yield said("progress", completed=0, total=chunks)
    spans = list(strokes(sound, rate_hz) if groups == ["drums"] else tones(sound, rate_hz))
    for chunk in range(chunks):
        for index, (start, end, pitch) in enumerate(spans):
            if chunk == int(start // CHUNK_SECONDS):
                group = groups[0] if groups else ("electric_bass" if pitch < 48 else "acoustic_piano")
                yield said(
                    "start", pitch=pitch, start_time=start + LATE_SECONDS, index=index, instrument=group
                )
                yield said("end", end_time=end + LATE_SECONDS, start_event_index=index)
        yield said("progress", completed=chunk + 1, total=chunks)
    beats = {"bpm": 120.0, "onset_delay": LATE_SECONDS, "beats_per_bar": None}
    yield said("transcription_complete", data="TVRoZA==", beat_grid=beats)


def said(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


def tones(sound: NDArray[np.float32], rate_hz: int) -> Iterator[tuple[float, float, int]]:
    """(start, end, pitch) of the loudest partial, as long as it stays the same."""
    size = round(FRAME_SECONDS * rate_hz)
    begun, before = 0, 0
    for frame in range(sound.size // size + 1):
        part = sound[frame * size :][:size]
        pitch = pitch_of(part, rate_hz) if part.size == size and np.abs(part).max() > 0.02 else 0
        if pitch != before:
            if before:
                yield begun * FRAME_SECONDS, frame * FRAME_SECONDS, before
            begun, before = frame, pitch


def pitch_of(part: NDArray[np.float32], rate_hz: int) -> int:
    spectrum = np.abs(np.fft.rfft(part * np.hanning(part.size), 1 << 16))
    hz = float(np.argmax(spectrum)) * rate_hz / (1 << 16)
    return round(69 + 12 * math.log2(hz / 440))


def strokes(sound: NDArray[np.float32], rate_hz: int) -> Iterator[tuple[float, float, int]]:
    """(start, end, pitch) where it is suddenly loud: a kick or, with much above 1 kHz, a snare."""
    size = rate_hz // 100
    loud = np.abs(sound[: sound.size // size * size]).reshape(-1, size).max(axis=1, initial=0.0)
    for frame in np.flatnonzero((loud > 0.3) & (np.append(0.0, loud[:-1]) < 0.05)).tolist():
        spectrum = np.abs(np.fft.rfft(sound[frame * size :][: 10 * size]))
        high = spectrum[100:].sum() > spectrum[:100].sum()
        yield frame / 100, frame / 100 + 0.01, 38 if high else 36
