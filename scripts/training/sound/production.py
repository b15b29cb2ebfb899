"""What becomes of a mix on its way to a listener: room, tone, saturation, noise, level, codec."""

import io
from typing import Final, cast

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.random import Generator

from scripts.training.music.piece import chance, pick
from scripts.training.sound.sounds import RATE_HZ, Samples

CODECS: Final = (("ogg", "libvorbis", 44_100), ("ogg", "libopus", 48_000), ("mp3", "libmp3lame", 44_100))
"""ffmpeg's container and encoder, and a rate that the encoder takes. Their delay is taken out again by `_aligned`."""


def produced(rng: Generator, sound: Samples, *, codec: bool = True) -> Samples:
    """`sound` as somebody might have recorded, mixed and sent it, within -1..1."""
    if chance(rng, 0.35):
        sound = _reverb(rng, sound)
    if chance(rng, 0.5):
        sound = _toned(rng, sound)
    sound = sound / max(float(np.abs(sound).max(initial=0.0)), 1e-6)
    if chance(rng, 0.35):
        drive = rng.uniform(1.2, 4)
        sound = np.tanh(drive * sound) / np.tanh(drive)
    if chance(rng, 0.35):
        sound = sound + rng.standard_normal(sound.size, np.float32) * 10 ** (rng.uniform(-75, -42) / 20)
    sound = sound * 10 ** (rng.uniform(-18, -0.5) / 20)
    if codec and chance(rng, 0.2):
        sound = coded(sound, pick(rng, CODECS), pick(rng, (48_000, 64_000, 96_000, 128_000)))
    return np.asarray(sound, np.float32)


def _reverb(rng: Generator, sound: Samples) -> Samples:
    # Whole tenths of a second: a Fourier transform of a length with large prime factors is slow.
    size, late = int(rng.integers(1, 18)) * (RATE_HZ // 10), round(rng.uniform(0, 0.03) * RATE_HZ)
    echo = rng.standard_normal(size, np.float32) * np.exp(-6.9 * np.arange(size, dtype=np.float32) / size)
    echo /= np.sqrt(np.sum(echo**2))
    length = sound.size + size
    dull = 1 / (1 + (_hz(length) / rng.uniform(1_500, 10_000)) ** 2)
    wet = np.fft.irfft(np.fft.rfft(sound, length) * np.fft.rfft(echo, length) * dull, length)
    heard = sound.copy()
    heard[late:] += rng.uniform(0.03, 0.35) * wet[: sound.size - late].astype(np.float32)
    return heard


def _toned(rng: Generator, sound: Samples) -> Samples:
    octave = np.log2(np.maximum(_hz(sound.size), 30))
    decibels = rng.uniform(-2, 2) * (octave - 9.6)
    for _ in range(2):
        decibels = decibels + rng.uniform(-6, 6) * np.exp(
            -0.5 * ((octave - rng.uniform(6, 13)) / rng.uniform(0.3, 1)) ** 2
        )
    if chance(rng, 0.15):  # a small loudspeaker, a telephone, an old tape
        decibels = decibels - 24 * np.maximum(octave - np.log2(rng.uniform(3_500, 9_000)), 0)
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** (decibels / 20), sound.size).astype(np.float32)


def _hz(size: int) -> Samples:
    return np.fft.rfftfreq(size, 1 / RATE_HZ).astype(np.float32)


def coded(sound: Samples, codec: tuple[str, str, int], bits_a_second: int) -> Samples:
    """`sound` after an encoder and its decoder, without their delay."""
    container_name, encoder, rate_hz = codec
    whole = io.BytesIO()
    with av.open(whole, "w", format=container_name) as container:
        stream = cast("AudioStream", container.add_stream(encoder, rate=rate_hz))
        stream.layout, stream.bit_rate = "stereo", bits_a_second
        fast = np.clip(soxr.resample(sound.astype(np.float32), RATE_HZ, rate_hz), -1, 1)
        frame = AudioFrame.from_ndarray(
            (np.repeat(fast, 2) * 32_767).astype(np.int16)[None, :], format="s16", layout="stereo"
        )
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    whole.seek(0)
    with av.open(whole, "r") as decoded:
        mixer = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
        frames = [part.to_ndarray()[0] for frame in decoded.decode(audio=0) for part in mixer.resample(frame)]
    return _aligned(soxr.resample(np.concatenate(frames), rate_hz, RATE_HZ), sound)


def _aligned(late: Samples, sound: Samples) -> Samples:
    """`late` moved to where it fits `sound` best, as long as that."""
    size = 1 << (max(late.size, sound.size) + 4_096).bit_length()
    fits = np.fft.irfft(np.fft.rfft(late, size) * np.conj(np.fft.rfft(sound, size)), size)
    delay = int(np.argmax(np.concatenate([fits[:4_096], fits[-4_096:]])))
    delay = delay if delay < 4_096 else delay - 8_192
    moved = late[delay:] if delay >= 0 else np.concatenate([np.zeros(-delay, np.float32), late])
    return np.pad(moved[: sound.size], (0, max(0, sound.size - moved.size))).astype(np.float32)
