"""Sounds made of numbers, and files of every kind made of them."""

import io
import math
import struct
import wave
from collections.abc import Iterable, Sequence

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

RATE_HZ = 44_100
Samples = NDArray[np.float64]

SIMPLE_MELODY = (60, 64, 67, 72, 71, 67, 64, 62, 60)

ENCODERS = {
    "wav": ("wav", "pcm_s16le"),
    "flac": ("flac", "flac"),
    "mp3": ("mp3", "libmp3lame"),
    "ogg": ("ogg", "libvorbis"),
    "opus": ("ogg", "libopus"),
    "m4a": ("ipod", "aac"),
    "aac": ("adts", "aac"),
    "aiff": ("aiff", "pcm_s16be"),
    "webm": ("webm", "libopus"),
    "mp4": ("mp4", "aac"),
}
"""For each kind of file that people send, ffmpeg's container and codec."""

RARER = {
    "mp3 without its number of frames": ("mp3", "libmp3lame", {"write_xing": "0"}),
    "mp2": ("mp2", "mp2", {}),
    "w64": ("w64", "pcm_s16le", {}),
    "rf64": ("wav", "pcm_s16le", {"rf64": "always"}),
    "caf": ("caf", "pcm_s16be", {}),
    "au": ("au", "pcm_s16be", {}),
    "wma": ("asf", "wmav2", {}),
    "m4a in fragments": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov", "frag_duration": "500000"}),
    "webm as it is recorded": ("webm", "libopus", {"live": "1"}),
}
"""Others, with the options that make them."""


def frequency_hz(pitch: int) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def tone(pitch: int, seconds: float = 0.45, *, harmonics: int = 6, decay: float = 3.0) -> Samples:
    """A plucked tone: `harmonics` partials of 1/n, fading as exp(-decay t)."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    partials = [np.sin(2 * math.pi * frequency_hz(pitch) * n * t) / n for n in range(1, harmonics + 1)]
    sound: Samples = np.sum(partials, axis=0) * np.exp(-decay * t)
    return sound


def melody(pitches: Iterable[int] = SIMPLE_MELODY, seconds: float = 0.45) -> Samples:
    """One tone after the other."""
    return np.concatenate([tone(pitch, seconds) for pitch in pitches])


def doubtful() -> Samples:
    """Chords of loud and faint tones in noise: 75 notes, of which 57 are clear, and 92 with those that may be none."""
    chance = np.random.default_rng(0)
    tones = [
        (0.3 * beat, float(10 ** chance.uniform(-1.8, 0)) * tone(int(pitch), 0.6))
        for beat in range(24)
        for pitch in chance.integers(40, 84, 4)
    ]
    music = placed(tones, 8)
    return music + 0.05 * noise_above(100, music.size, 0)


def chord(pitches: Sequence[int], seconds: float = 1.0) -> Samples:
    """Tones at once."""
    sound: Samples = np.sum([tone(pitch, seconds) for pitch in pitches], axis=0)
    return sound


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ))


def kick() -> Samples:
    """A falling sine with a click, 0.25 s."""
    t = np.arange(RATE_HZ // 4) / RATE_HZ
    sweep = 2 * math.pi * (50 * t - 4 * np.exp(-30 * t))
    sound: Samples = np.sin(sweep) * np.exp(-14 * t)
    return sound


def snare(seed: int = 0) -> Samples:
    """Noise without lows over a short 190 Hz tone, 0.25 s."""
    t = np.arange(RATE_HZ // 4) / RATE_HZ
    noise = noise_above(150, t.size, seed)
    sound: Samples = (noise + 0.2 * np.sin(2 * math.pi * 190 * t)) * np.exp(-18 * t)
    return sound


def hat(seed: int = 1) -> Samples:
    """Only the highs of a noise, 0.1 s."""
    t = np.arange(RATE_HZ // 10) / RATE_HZ
    sound: Samples = noise_above(6_000, t.size, seed) * np.exp(-50 * t)
    return sound


def noise_above(lowest_hz: float, size: int, seed: int) -> Samples:
    """Noise of `size` samples without what is below `lowest_hz`."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 0.3, size))
    spectrum[np.fft.rfftfreq(size, 1 / RATE_HZ) < lowest_hz] = 0
    sound: Samples = np.fft.irfft(spectrum, size)
    return sound


def placed(sounds: Iterable[tuple[float, Samples]], seconds: float) -> Samples:
    """Sounds at their times in a stretch of `seconds`."""
    track = silence(seconds)
    for start_seconds, sound in sounds:
        start = int(start_seconds * RATE_HZ)
        track[start : start + sound.size] += sound[: max(0, track.size - start)]
    return track


def normalised(sound: Samples, peak: float = 0.8) -> NDArray[np.int16]:
    """16 bits, as loud as `peak` of full scale."""
    highest = float(np.abs(sound).max(initial=0.0)) or 1.0
    return (sound / highest * peak * 32_767).astype(np.int16)


def wav_bytes(sound: Samples, *, channels: int = 1) -> bytes:
    """A whole wav file, 16 bits."""
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.repeat(normalised(sound), channels).astype("<i2").tobytes())
    return whole.getvalue()


def encoded(sound: Samples, kind: str) -> bytes:
    """A whole stereo file of one of the `ENCODERS`, or a `RARER` one."""
    container_name, codec, options = RARER[kind] if kind in RARER else (*ENCODERS[kind], {})
    rate_hz = 48_000 if codec == "libopus" else RATE_HZ
    if rate_hz != RATE_HZ:
        times = np.arange(int(sound.size * rate_hz / RATE_HZ)) / rate_hz
        sound = np.interp(times, np.arange(sound.size) / RATE_HZ, sound)
    whole = io.BytesIO()
    with av.open(whole, "w", format=container_name, options=options) as container:
        stream = container.add_stream(codec, rate=rate_hz)
        assert isinstance(stream, AudioStream)
        stream.layout, stream.bit_rate = "stereo", 128_000
        frame = AudioFrame.from_ndarray(
            np.repeat(normalised(sound), 2)[None, :], format="s16", layout="stereo"
        )
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return whole.getvalue()


def adts(payload: bytes) -> bytes:
    """A frame of AAC with a right header: 44.1 kHz, stereo, its length in bits 30 to 42."""
    length = 7 + len(payload)
    return (
        bytes([0xFF, 0xF1, 0x50, 0x80 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC])
        + payload
    )


def junk(size: int, payload: bytes) -> bytes:
    """A tone, and then frames of AAC with nothing to hear in them until it has about `size` bytes."""
    frame = adts(payload)
    return encoded(tone(60), "aac") + frame * (size // len(frame))


def silent_video() -> bytes:
    """An mp4 with one second of picture and no sound track."""
    whole = io.BytesIO()
    with av.open(whole, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        frames = [VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24") for _ in range(10)]
        for packet in [
            *(packet for frame in frames for packet in stream.encode(frame)),
            *stream.encode(None),
        ]:
            container.mux(packet)
    return whole.getvalue()


def crumbs(count: int) -> bytes:
    """A mov of PCM in so many pieces of one sample each, which its index says one by one."""
    index = [
        _full(
            b"stsd",
            struct.pack(">I", 1) + _box(b"sowt", struct.pack(">6xH8xHHHHI", 1, 1, 16, 0, 0, RATE_HZ << 16)),
        ),
        _full(b"stts", struct.pack(">I", count) + struct.pack(">II", 1, 1) * count),
        _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full(b"stsz", struct.pack(">II", 2, count)),
        _full(b"stco", struct.pack(">II", 1, 40)),
    ]
    where = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _box(b"url ", bytes((0, 0, 0, 1)))))
    inside = _full(b"smhd", bytes(4)) + where + _box(b"stbl", b"".join(index))
    media = [
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, RATE_HZ, count, 0, 0)),
        _full(b"hdlr", b"\0\0\0\0soun" + bytes(14)),
        _box(b"minf", inside),
    ]
    track = _full(b"tkhd", struct.pack(">IIIII60x", 0, 0, 1, 0, 1000)) + _box(b"mdia", b"".join(media))
    movie = _full(b"mvhd", struct.pack(">IIIIIH70xI", 0, 0, 1000, 1000, 0x10000, 0x100, 2)) + _box(
        b"trak", track
    )
    return _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"mdat", b"\1\2" * count) + _box(b"moov", movie)


def _full(name: bytes, content: bytes) -> bytes:
    return _box(name, bytes(4) + content)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content
