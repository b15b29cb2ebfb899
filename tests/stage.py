"""A whole Pianola in a simulated Discord, for tests: everything real but Discord itself."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import mido
import numpy as np
from numpy.typing import NDArray
from simcord import InteractionResult

from bot import app
from bot.jobs.desk import Desk
from bot.jobs.model import Job
from bot.playground.world import World, simulated
from bot.settings import load
from tests.kie_server import KieServer

PATIENCE_SECONDS = 60.0
TUNE = (60, 64, 67, 72, 71, 67, 64, 62, 60)
RATE = 22_050
_Samples = NDArray[np.float64]


def wav(pitches: Sequence[float] = TUNE, seconds_each: float = 0.45) -> bytes:
    """Plucked tones with six overtones, one after the other, as a mono wav file."""
    time = np.arange(int(RATE * seconds_each)) / RATE
    shape = 8000 * np.minimum(1, time / 0.005) * np.exp(-3 * time)
    tones = [shape * _overtones(pitch, time, 6, 1.5) for pitch in pitches]
    return _as_wav(np.concatenate(tones))


def swell(pitch: float = 60, seconds: float = 3.0) -> bytes:
    """One tone of four overtones that comes and goes slowly: nothing is struck."""
    time = np.arange(int(RATE * seconds)) / RATE
    return _as_wav(8000 * np.sin(np.pi * time / seconds) ** 2 * _overtones(pitch, time, 4, 2))


def silence(seconds: float) -> bytes:
    """A wav file with nothing to hear."""
    return _as_wav(np.zeros(int(RATE * seconds)))


def _overtones(pitch: float, time: _Samples, count: int, fading: float) -> _Samples:
    """The first `count` of a tone, the nth with 1/n to the power of `fading`."""
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    parts = np.arange(1, count + 1)[:, np.newaxis]
    tone: _Samples = np.sum(np.sin(2 * np.pi * frequency * parts * time) / parts**fading, axis=0)
    return tone


def _as_wav(samples: _Samples) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Stage:
    """A running Pianola and the person at its channel."""

    running: app.Running[World]

    @property
    def world(self) -> World:
        return self.running.discord

    @property
    def desk(self) -> Desk:
        return self.running.desk

    async def midi(self, **options: Any) -> InteractionResult:
        """Type `/midi` with these options."""
        return await self.world.person.slash(self.world.channel, "midi", **options)

    async def make_midi(self, *files: tuple[str, bytes]) -> InteractionResult:
        """Post files in one message, and use "Apps > Make MIDI" on it."""
        message = await self.world.person.send(self.world.channel, "", attachments=files)
        return await self.world.person.context_menu(self.world.channel, "Make MIDI", message)

    async def ended(self) -> Job:
        """The newest job of the person, at its end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                job = await self.running.store.newest_of(self.world.person.id)
                if job is not None and job.state.is_final:
                    return job
                await asyncio.sleep(0.02)

    async def reached(self, state: str) -> Job:
        """The newest job of the person, once it is in a state."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                job = await self.running.store.newest_of(self.world.person.id)
                if job is not None and job.state == state:
                    return job
                await asyncio.sleep(0.01)

    async def shown(self, text: str) -> discord.Message:
        """The newest message of the channel, once it says this."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = self.world.channel.last_message
                if message is not None and text in text_of(message):
                    return message
                await asyncio.sleep(0.01)

    async def reply(self) -> discord.Message:
        """The bot's answer, once the newest job is at its end."""
        await self.ended()
        message = self.world.channel.last_message
        assert message is not None
        return message


def text_of(message: discord.Message) -> str:
    """Everything that can be read in a message's embeds."""
    return "\n".join(f"{embed.title}\n{embed.description}\n{embed.footer.text}" for embed in message.embeds)


def told(result: InteractionResult) -> str:
    """What the bot answered at once, for the asker's eyes only."""
    answer = result.response or result.followups[0]
    assert answer.ephemeral
    return answer.content


async def midi_of(message: discord.Message) -> mido.MidiFile:
    """The one `.mid` of a message, read by mido."""
    (file,) = [file for file in message.attachments if file.filename.endswith(".mid")]
    return mido.MidiFile(file=io.BytesIO(await file.read()))


def pitches_of(file: mido.MidiFile) -> list[int]:
    """All pitches that are struck, in the order of the tracks."""
    return [
        event.note for track in file.tracks for event in track if event.type == "note_on" and event.velocity
    ]


@asynccontextmanager
async def pianola(data_dir: Path, **given: str) -> AsyncIterator[Stage]:
    """A Pianola with these settings; without previews and videos, which take seconds each, unless they are asked for."""
    settings = load(None, data_dir=str(data_dir), **{"preview_seconds": "0", "video_seconds": "0", **given})
    async with app.run(settings, simulated, host="127.0.0.1", port=0, is_simulated=True) as running:
        yield Stage(running)


@asynccontextmanager
async def pianola_at(kie: KieServer, data_dir: Path, **given: str) -> AsyncIterator[Stage]:
    """A Pianola whose studio is a kie account."""
    addresses = {"kie_api_url": kie.url, "kie_upload_url": kie.url, "kie_api_key": kie.key, **given}
    if kie.hmac_key:
        addresses["kie_webhook_hmac_key"] = kie.hmac_key
    async with pianola(data_dir, **addresses) as stage:
        yield stage
