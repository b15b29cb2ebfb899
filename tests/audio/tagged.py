"""Songs with tags, as programs write them."""

import io
import struct

import av
import numpy as np
from PIL import Image


def picture(size: tuple[int, int] = (600, 600), kind: str = "JPEG", colour: str = "red") -> bytes:
    """A cover of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def _mp3(samples: np.ndarray, rate: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.rate = rate
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.frame_size or 1152)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def mp3(
    title: str = "", artist: str = "", cover: bytes = b"", *, pitches: tuple[float, ...] = (60, 64, 67)
) -> bytes:
    """Tones of half a second each, behind an ID3 tag."""
    rate = 44_100
    time = np.arange(rate // 2) / rate
    tones = [
        np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time) * np.exp(-3 * time) for pitch in pitches
    ]
    return id3(title, artist, cover) + _mp3((np.concatenate(tones) * 9000).astype(np.int16), rate)


def id3(title: str, artist: str, cover: bytes) -> bytes:
    """An ID3 tag, version 2.3."""
    frames = b""
    for name, words in ((b"TIT2", title), (b"TPE1", artist)):
        if words:
            frames += _frame(name, b"\x01" + words.encode("utf-16"))
    if cover:
        frames += _frame(b"APIC", b"\x00image/jpeg\x00\x03\x00" + cover)
    size = len(frames)
    synchsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + synchsafe + frames


def _frame(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">IH", len(body), 0) + body


def flac_head(title: str, artist: str, cover: bytes) -> bytes:
    """A FLAC file's blocks up to its sound, which is not there."""
    comments = [f"TITLE={title}".encode(), f"ARTIST={artist}".encode()]
    block = struct.pack("<II", 0, len(comments)) + b"".join(
        struct.pack("<I", len(one)) + one for one in comments
    )
    shown = struct.pack(">II", 3, 9) + b"image/png" + bytes(4 + 16) + struct.pack(">I", len(cover)) + cover
    blocks = [(0, bytes(34)), (4, block), (6 | 0x80, shown)]
    return b"fLaC" + b"".join(bytes([kind]) + len(data).to_bytes(3, "big") + data for kind, data in blocks)
