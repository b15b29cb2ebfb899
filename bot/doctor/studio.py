"""Whether the studio that does the work answers, what it has left, and whether the built-in one hears a second of sound."""

import asyncio
import json
import math
import struct
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp

from bot.doctor.asking import reason_of
from bot.doctor.engine import engine
from bot.errors import PianolaError, StudioError
from bot.findings import Finding, Grade
from bot.jobs.storage.outcomes import AllSeen, Seen
from bot.kie.client import KieClient
from bot.kie.errors import KeyRefusedError, NoCreditsError, UnreachableError
from bot.kie.separation import Separation
from bot.kie.song_errors import EngineBusyError, SongError, known_again
from bot.language import ENGLISH, text
from bot.passing_folders import passing_folder_aside
from bot.settings import Settings
from bot.studio import available
from bot.studio.worker import SongRefusedError, Worker

_PATIENCE_SECONDS: Final = 20.0
"""For all tries of a call together."""

_SECOND_SECONDS: Final = 120.0
"""For one second of sound: it takes 3 s with the libraries' start, and 2 more where the graph is made first."""

_NO_TASK: Final = "pianola-doctor"

_UNUSABLE: Final = (KeyRefusedError, NoCreditsError, UnreachableError)
"""After these no other call would be answered better."""


class Account(Protocol):
    """What is asked of a studio to see whether it answers."""

    async def credits(self) -> float: ...
    async def separation(self, task_id: str) -> object: ...


async def answering(settings: Settings, account: Account) -> Finding:
    """Whether the studio that does the work answers, and what it has left."""
    try:
        left = await account.credits()
    except PianolaError as error:
        if isinstance(error, _UNUSABLE) or not await _knows_tasks(account):
            return Finding(Grade.BROKEN, text("the studio cannot work: {problem}"), {"problem": error})
        told = text("the studio works, but does not say how many credits are left")
        return Finding(Grade.WEAK, told, advice="Songs go on. If it stays so, look at your account there")
    return _working(settings, left)


async def _knows_tasks(account: Account) -> bool:
    """Whether it answers a look at a task; that there is none of this name is an answer."""
    try:
        await account.separation(_NO_TASK)
    except PianolaError:
        return False
    return True


def _working(settings: Settings, left: float) -> Finding:
    if settings.uses_kie:
        price = settings.price
        values = {"left": ENGLISH.decimal(left), "price": ENGLISH.decimal(price)}
        if left < price:
            told = text("kie.ai does the work, but {left} credits are left, and a separation costs {price}")
            return Finding(Grade.BROKEN, told, values, "Add credits at kie.ai, or set STUDIO=builtin")
        grade = Grade.WEAK if settings.is_low(left) else Grade.FINE
        told = text("kie.ai does the work: {left} credits left")
        return Finding(
            grade,
            told,
            values,
            "" if grade is Grade.FINE else "A separation costs {price}: add credits at kie.ai",
        )
    if settings.studio_url:
        address = {"address": settings.studio_url}
        return Finding(Grade.FINE, text("the studio at {address} does the work"), address)
    return Finding(Grade.FINE, text("the built-in studio does the work"))


def learned(settings: Settings, seen: AllSeen) -> Finding:
    """Which kinds of separation gave notes here, and what follows from it."""
    two, every = (seen.get(kind, Seen()) for kind in (Separation.TWO_STEMS, Separation.ALL_STEMS))
    counts = {
        "two": str(two.with_notes),
        "of_two": str(sum(two)),
        "all": str(every.with_notes),
        "of_all": str(sum(every)),
    }
    is_poor = settings.separation_type != "split_stem" and two.gives_none
    told = text("songs with notes: {two} of {of_two} by two stems, {all} of {of_all} by all stems")
    return Finding(
        Grade.WEAK if is_poor else Grade.FINE,
        told,
        counts,
        "SEPARATION_TYPE=split_stem takes all stems at once" if is_poor else "",
    )


async def studio(settings: Settings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """Who does the work, asked over the network, or by doing some."""
    if settings.uses_kie:
        async for finding in _elsewhere(settings, session, settings.kie_api_url, settings.kie_upload_url):
            yield finding
        if await asyncio.to_thread(available) is None:
            async for finding in _here(settings, session, Grade.WEAK):
                yield finding
    elif settings.studio_url:
        async for finding in _elsewhere(settings, session, settings.studio_url, settings.studio_url):
            yield finding
    elif missing := await asyncio.to_thread(available):
        yield Finding(Grade.BROKEN, missing, advice="On your own machine: `uv sync --group studio`")
    else:
        yield _working(settings, 0)
        async for finding in _here(settings, session, Grade.BROKEN):
            yield finding


async def _here(settings: Settings, session: aiohttp.ClientSession, grade: Grade) -> AsyncIterator[Finding]:
    if settings.muscriptor_url:
        found = await engine(settings.muscriptor_url, session)
        yield found
        if found.grade is not Grade.FINE:
            return
    yield await _one_second(settings, grade)


async def _elsewhere(
    settings: Settings, session: aiohttp.ClientSession, api_url: str, upload_url: str
) -> AsyncIterator[Finding]:
    key = settings.kie_api_key.get_secret_value() if settings.kie_api_key else ""
    account = KieClient(session, api_url=api_url, upload_url=upload_url, key=key)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            found = await answering(settings, account)
    except TimeoutError:
        found = Finding(Grade.BROKEN, "", {"problem": UnreachableError("no answer in time")})
    problem = found.values.get("problem")
    yield _for_owner(settings, api_url, problem) if isinstance(problem, StudioError) else found


def _for_owner(settings: Settings, address: str, problem: StudioError) -> Finding:
    """A studio's no with its address and reason; the sentence of the error is for those who send songs."""
    who = "kie.ai" if settings.uses_kie else "the studio of STUDIO_URL"
    values: dict[str, Any] = {"who": who, "address": address}
    if isinstance(problem, KeyRefusedError):
        return Finding(
            Grade.BROKEN,
            "{who} refuses the key (KIE_API_KEY)",
            values,
            "Make one at kie.ai/api-key; look there at its limits and at the addresses that may use it"
            if settings.uses_kie
            else "Set KIE_API_KEY to the key that the studio printed at its start",
        )
    if isinstance(problem, NoCreditsError):
        return Finding(Grade.BROKEN, "{who} says that no credits are left", values, "Add credits at kie.ai")
    reason = reason_of(problem.__cause__) if problem.__cause__ else (problem.detail or type(problem).__name__)
    setting = "KIE_API_URL" if settings.uses_kie else "STUDIO_URL"
    return Finding(
        Grade.BROKEN,
        "{who} at {address} does not answer as it should: {reason}",
        {**values, "reason": reason},
        f"Look at {setting}, and whether this machine reaches that address",
    )


async def _one_second(settings: Settings, grade: Grade) -> Finding:
    """Transcribe one second; what the built-in transcriber makes once is taken from where the bot keeps it.

    A MuScriptor server knows its clients by their folder, and drops a client's song for its newer one: the bot's folder
    would end the bot's song.
    """
    who = "MuScriptor" if settings.muscriptor_url else "the built-in studio"
    kept = settings.data_dir / "studio" / "cache"
    async with passing_folder_aside("pianola-doctor-") as folder:
        song, out = folder / "second.wav", folder / "notes.json"
        await asyncio.to_thread(_write_tone, song)
        is_shared = settings.muscriptor_url is None and await asyncio.to_thread(kept.is_dir)
        cache = kept if is_shared else folder / "cache"
        worker = Worker(cache, song_mb=settings.studio_memory_mb, engine_url=settings.muscriptor_url)
        request = {
            "do": "transcribe",
            "path": str(song),
            "limit_seconds": 10.0,
            "instrument": "Acoustic Grand Piano",
            "drum_kit": False,
            "out": str(out),
        }
        try:
            await worker.ask(request, timeout_seconds=_SECOND_SECONDS)
            heard = await asyncio.to_thread(_note_count, out)
        except (SongError, SongRefusedError) as error:
            reason = str(error) or type(error).__name__
            if isinstance(known_again(reason), EngineBusyError):
                told = "MuScriptor is busy with a song, so it was not asked to hear one second"
                return Finding(Grade.WEAK, told, advice="Ask again when the song is done")
            return Finding(
                grade,
                "{who} fails at one second of sound: {reason}",
                {"who": who, "reason": reason},
                "Look at what `muscriptor serve` says there, or set STUDIO_ENGINE=builtin"
                if settings.muscriptor_url
                else "Give it more memory (STUDIO_MEMORY_MB, and 1 GB for all), or install Pianola anew",
            )
        finally:
            await worker.stop()
    if not heard:
        told = "{who} heard nothing in one second of a piano"
        return Finding(
            grade, told, {"who": who}, f"Install {'it' if settings.muscriptor_url else 'Pianola'} anew"
        )
    return Finding(Grade.FINE, "{who} hears one second of sound", {"who": who})


def _write_tone(path: Path) -> None:
    """Middle C with five overtones, as a string sounds that is struck."""
    rate, pitch = 22_050, 261.63
    samples = []
    for index in range(rate):
        time = index / rate
        tone = sum(math.sin(2 * math.pi * pitch * part * time) / part**1.5 for part in range(1, 7))
        samples.append(int(8000 * min(1.0, time / 0.005) * math.exp(-3 * time) * tone))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{rate}h", *samples))


def _note_count(path: Path) -> int:
    found = json.loads(path.read_bytes())
    return sum(len(instrument["notes"]) for instrument in found["instruments"])
