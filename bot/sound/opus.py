"""Samples -> an Ogg file with Opus in it, which Discord plays inside a message."""

import io
import shutil
import subprocess
from importlib.util import find_spec
from typing import Final

from bot.music.columns import np
from bot.sound.errors import PreviewError
from bot.sound.pcm import SAMPLE_RATE, Pcm

BITS_PER_SECOND = 64_000
"""Stereo music from a synthesizer is clear at this; 30 s are 250 kB."""

_CODEC: Final = "libopus"


class PyAv:
    """FFmpeg inside the PyAV package."""

    @staticmethod
    def missing() -> str:
        """Why it is not there, or ""."""
        return "" if find_spec("av") else "the package av is not installed"

    @staticmethod
    def encode(pcm: Pcm) -> bytes:
        """The Ogg file."""
        import av  # noqa: PLC0415 - an optional package, and 0.1 s to import

        file = io.BytesIO()
        with av.open(file, "w", format="ogg") as container:
            stream = container.add_stream(_CODEC, rate=SAMPLE_RATE, layout="stereo")
            stream.bit_rate = BITS_PER_SECOND
            for first in range(0, len(pcm), SAMPLE_RATE):
                packed = np.ascontiguousarray(pcm[first : first + SAMPLE_RATE]).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
                frame.sample_rate, frame.pts = SAMPLE_RATE, first
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return file.getvalue()


class FfmpegProgram:
    """The `ffmpeg` program of the system."""

    @staticmethod
    def missing() -> str:
        """Why it is not there, or ""."""
        return "" if shutil.which("ffmpeg") else "the program ffmpeg is not installed"

    @staticmethod
    def encode(pcm: Pcm) -> bytes:
        """The Ogg file.

        Raises:
            PreviewError: the program failed.
        """
        done = subprocess.run(  # noqa: S603 - fixed words
            [
                *(shutil.which("ffmpeg") or "ffmpeg", "-v", "error"),
                *("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", "pipe:0"),
                *("-c:a", _CODEC, "-b:a", str(BITS_PER_SECOND), "-f", "ogg", "pipe:1"),
            ],
            input=pcm.astype("<f4").tobytes(),
            capture_output=True,
            check=False,
        )
        if done.returncode or not done.stdout:
            raise PreviewError(f"ffmpeg ended with {done.returncode}: {done.stderr[-500:]!r}")
        return done.stdout
