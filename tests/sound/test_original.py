"""A recording beside what was made of it: left and right, aligned, equally loud."""

import io
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from bot.music.song import Note, Song, Track
from bot.sound.engines import available
from bot.sound.errors import NoOriginalError
from bot.sound.preview import Beside, preview
from tests.sound.listen import decoded, loudness, share_of_pitch

pytestmark = pytest.mark.skipif(available() is not None, reason=available() or "")

RATE = 44_100
ENCODED = [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus"), ("mp4", "aac")]


def recording(kind: str, codec: str, seconds: float = 8.0) -> bytes:
    """440 Hz, silent but for a quarter of a second at each full one; quiet and in stereo."""
    rate = 48_000 if codec == "libopus" else RATE
    time = np.arange(int(seconds * rate)) / rate
    mono = 0.05 * np.sin(2 * np.pi * 440 * time) * (time % 1 < 0.25)
    samples = np.stack([mono, mono]).astype(np.float32)
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = cast("AudioStream", container.add_stream(codec, rate=rate, layout="stereo"))
        packed = (samples.T * 32767).astype(np.int16).reshape(1, -1)
        for first in range(0, packed.shape[1], 2 * rate):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(packed[:, first : first + 2 * rate]), "s16", "stereo"
            )
            frame.sample_rate, frame.pts = rate, first // 2
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as opened:
        yield opened


def _song() -> Song:
    """A flute that plays 1175 Hz at each full second."""
    notes = [Note(86, float(second), second + 0.25, 100) for second in range(8)]
    return Song((Track.of(notes, name="Flute", program=73),))


@pytest.mark.parametrize(("kind", "codec"), ENCODED)
async def test_it_is_left_and_the_notes_are_right_at_the_same_time(
    kind: str, codec: str, file: BinaryIO
) -> None:
    file.write(recording(kind, codec))
    file.flush()
    made = await preview(_song(), start_seconds=2.0, seconds=4.0, beside=Beside(file))
    samples = decoded(made.ogg)
    left, right = samples[:1], samples[1:2]
    assert share_of_pitch(left, 69, 1, 1.2) > 0.8
    assert share_of_pitch(right, 86, 1, 1.2) > 0.8
    assert loudness(left, 1.5, 1.9) < loudness(left, 1.02, 1.2) / 10
    # Each tone begins with its second, in both.
    assert abs(_begins(left[0]) - _begins(right[0])) < 0.03
    assert abs(_begins(left[0]) - 1.0) < 0.03
    assert 0.3 < loudness(left, 0, 4) / loudness(right, 0, 4) < 3


def _begins(samples: np.ndarray) -> float:
    """When something is heard again after the silence before second 1."""
    level = np.abs(samples) > 0.1 * np.abs(samples).max()
    return float(np.flatnonzero(level[int(0.6 * 48_000) :])[0] / 48_000 + 0.6)


async def test_of_an_excerpt_of_a_song_the_same_is_heard(file: BinaryIO) -> None:
    file.write(recording("wav", "pcm_s16le"))
    file.flush()
    # The song begins at 2.2 s of the recording, so its tones come 0.8 s after each full second of its own.
    made = await preview(_song(), start_seconds=1.0, seconds=3.0, beside=Beside(file, begins_seconds=2.2))
    assert abs(_begins(decoded(made.ogg)[0]) - 0.8) < 0.03


async def test_a_recording_that_ends_sooner_is_silent_from_there_on(file: BinaryIO) -> None:
    file.write(recording("wav", "pcm_s16le", seconds=3.0))
    file.flush()
    samples = decoded((await preview(_song(), start_seconds=2.0, seconds=4.0, beside=Beside(file))).ogg)
    assert loudness(samples[:1], 2, 4) < 0.001
    assert loudness(samples[1:2], 2, 4) > 0.01


@pytest.mark.parametrize(
    "data", [b"", b"no sound at all" * 1000, b"#EXTM3U\nhttp://127.0.0.1/x.mp3\n", b"RIFF"]
)
async def test_what_is_no_recording_is_told(data: bytes, file: BinaryIO) -> None:
    file.write(data)
    file.flush()
    with pytest.raises(NoOriginalError):
        await preview(_song(), seconds=2.0, beside=Beside(file))
