"""How long a file says that it is."""

import io
import wave

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.length import seconds_of


def tone(container: str, codec: str, seconds: int) -> io.BytesIO:
    """So much of a tone, as a real encoder writes it."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        samples = (np.sin(np.arange(48_000 * seconds) / 17) * 9_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.rate = 48_000
        resampler = av.AudioResampler(stream.format, "mono", 48_000, frame_size=stream.frame_size or 1024)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("container", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus"), ("flac", "flac"), ("ipod", "aac")]
)
def test_the_usual_formats_say_how_long_they_are(container: str, codec: str) -> None:
    file = tone(container, codec, 7)
    assert seconds_of(file) == pytest.approx(7, abs=0.2)
    assert file.tell() == 0


def test_a_wav_says_how_long_it_is() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000 * 3))
    file.seek(0)
    assert seconds_of(file) == pytest.approx(3)


class Counting(io.BytesIO):
    """Knows how much was read of it, and how often; each read or step takes `seconds` of its own clock."""

    def __init__(self, data: bytes, seconds: float = 0.0) -> None:
        super().__init__(data)
        self.total = self.steps = 0
        self._seconds = seconds

    def read(self, count: int | None = -1) -> bytes:
        data = super().read(count)
        self.total += len(data)
        self.steps += 1
        return data

    def clock(self) -> float:
        return self.steps * self._seconds


def unskipped(name: bytes, size: int, count: int) -> bytes:
    """A wav whose parts are all to be read."""
    return b"RIFF\xff\xff\xff\xffWAVE" + (name + size.to_bytes(4, "little") + bytes(size)) * count


def circular_ogg() -> bytes:
    """Pages that hold a packet without an end, 64 kB each."""
    page = b"OggS\0\1" + bytes(8) + b"\1\0\0\0" + bytes(8) + b"\xff" + b"\xff" * 255 + bytes(255 * 255)
    return page * 400


@pytest.mark.parametrize("data", [unskipped(b"fmt ", 1 << 20, 40), circular_ogg()], ids=["wav", "ogg"])
def test_no_file_has_more_than_so_many_bytes_read(data: bytes) -> None:
    file = Counting(data)
    assert seconds_of(file) is None
    assert file.total <= (17 << 20) < len(data)
    assert file.tell() == 0


@pytest.mark.parametrize(
    "data",
    [unskipped(b"fmt ", 16, 50_000), circular_ogg(), b"fLaC" + b"\x01\0\0\0" * 50_000],
    ids=["wav", "ogg", "flac"],
)
def test_no_file_is_read_for_longer_than_so_many_seconds(data: bytes) -> None:
    file = Counting(data, seconds=0.1)
    assert seconds_of(file, monotonic=file.clock) is None
    assert 10 < file.steps <= 24


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"RIFF\xff\xff\xff\xffWAVE", b"ID3\4\0\0", b"OggS\0", b"fLaC"]),
)
def test_anything_else_is_unknown_and_harms_nothing(data: bytes, head: bytes) -> None:
    file = io.BytesIO(head + data)
    length = seconds_of(file)
    assert length is None or length > 0
    assert file.tell() == 0
