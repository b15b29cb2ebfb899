"""Frames and samples -> an mp4 file with H.264 and AAC in it, which Discord plays inside a message."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

import msgspec

from bot.music.columns import np
from bot.sound.pcm import SAMPLE_RATE, Pcm
from bot.video.colours import argb
from bot.video.errors import VideoError
from bot.video.frames import Pixels
from bot.video.places import FRAMES_PER_SECOND, HEIGHT, WIDTH

SOUND_BITS_PER_SECOND = 96_000
"""AAC of a synthesizer is clear at this; for long videos less."""
_LEAST_SOUND_BITS, _LEAST_PICTURE_BITS = 64_000, 80_000
_MOST_PICTURE_BITS = 1_500_000
"""Busy rolls take 200 000 to 400 000 at this quality."""

_SOUND_OVER = 1.06
"""Of its rate AAC took up to 6 % more."""
_FRAME_BITS_PER_SECOND = 12_000
"""Where each frame is, in the file's table: 9 000, measured."""
_SAVED_SECONDS = 2

_QUALITY: Final = "26"
"""x264's constant rate factor: letters and edges of notes stay sharp; at 30 lit notes smear."""
_PRESET: Final = "superfast"
"""Half the time of veryfast, whose look ahead it is given: with that a roll takes a quarter less. No frame is told by later ones
(`bf`): that takes a third more time, and no fewer bytes."""
_LOOK_AHEAD: Final = {"mbtree": "1", "rc-lookahead": "10", "bf": "0"}
_KEYFRAME_SECONDS = 5
"""Whoever jumps into a video waits for one."""


class Rates(msgspec.Struct, frozen=True):
    """Bits a second of the picture, at most, and of the sound."""

    picture: int
    sound: int

    @classmethod
    def within(cls, most_bytes: int, seconds: float) -> "Rates":
        """What fits into a file of `most_bytes`."""
        bits = most_bytes * 8
        sound = min(max(int(bits / seconds / 4), _LEAST_SOUND_BITS), SOUND_BITS_PER_SECOND)
        left = bits - seconds * (sound * _SOUND_OVER + _FRAME_BITS_PER_SECOND)
        # The encoder may begin with what it has saved for later.
        picture = int(left / (seconds + _SAVED_SECONDS))
        return cls(min(max(picture, _LEAST_PICTURE_BITS), _MOST_PICTURE_BITS), sound)


class Encoder(Protocol):
    """What makes an mp4 file."""

    def missing(self) -> str:
        """Why it is not here, or ""."""

    def encode(self, frames: Iterator[Pixels], pcm: Pcm, rates: Rates, told: Callable[[int], None]) -> bytes:
        """The file; `told` hears the number of each frame that is in it."""


class PyAv:
    """FFmpeg inside the PyAV package."""

    @staticmethod
    def missing() -> str:
        """Why it is not there, or ""."""
        return "" if find_spec("av") else "the package av is not installed"

    @staticmethod
    def encode(frames: Iterator[Pixels], pcm: Pcm, rates: Rates, told: Callable[[int], None]) -> bytes:
        """The file."""
        import av  # noqa: PLC0415 - an optional package, and 0.1 s to import

        palette = argb()
        # PyAV's types know no frame with a palette.
        of_palette: Any = av.VideoFrame.from_ndarray
        # What is moved to the front is read again from a file of that name: memory has none.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "video.mp4")
            with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
                picture = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options=_options(rates))
                picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
                picture.codec_context.thread_count = 1
                sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
                sound.bit_rate = rates.sound
                for number, pixels in enumerate(frames):
                    frame = of_palette((pixels, palette), format="pal8")
                    frame.pts = number
                    container.mux(picture.encode(frame.reformat(format="yuv420p")))
                    if number % FRAMES_PER_SECOND == 0:
                        first = number // FRAMES_PER_SECOND * SAMPLE_RATE
                        packed = np.ascontiguousarray(pcm[first : first + SAMPLE_RATE].T)
                        if packed.size:
                            samples = av.AudioFrame.from_ndarray(packed, format="fltp", layout="stereo")
                            samples.sample_rate, samples.pts = SAMPLE_RATE, first
                            container.mux(sound.encode(samples))
                    told(number)
                container.mux(picture.encode(None))
                container.mux(sound.encode(None))
            return path.read_bytes()


class FfmpegProgram:
    """The `ffmpeg` program of the system."""

    @staticmethod
    def missing() -> str:
        """Why it is not there, or ""."""
        return "" if shutil.which("ffmpeg") else "the program ffmpeg is not installed"

    @staticmethod
    def encode(frames: Iterator[Pixels], pcm: Pcm, rates: Rates, told: Callable[[int], None]) -> bytes:
        """The file.

        Raises:
            VideoError: the program failed.
        """
        # In each frame of its own, as the program wants it: the palette after the pixels, as numbers of 32 bits.
        palette = argb()[:, ::-1].tobytes()
        with tempfile.TemporaryDirectory() as folder:
            path, samples, said = (Path(folder, name) for name in ("video.mp4", "sound.raw", "said.txt"))
            pcm.astype("<f4").tofile(samples)
            options = [part for name, value in _options(rates).items() for part in (f"-{name}", value)]
            command = [
                *(shutil.which("ffmpeg") or "ffmpeg", "-v", "error"),
                *("-f", "rawvideo", "-pix_fmt", "pal8", "-s", f"{WIDTH}x{HEIGHT}"),
                *("-r", str(FRAMES_PER_SECOND), "-i", "pipe:0"),
                *("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", str(samples)),
                *("-c:v", "libx264", *options, "-threads", "1", "-pix_fmt", "yuv420p"),
                *("-c:a", "aac", "-b:a", str(rates.sound), "-movflags", "+faststart", str(path)),
            ]
            with said.open("wb") as errors:
                ended = _run(command, errors, (pixels.tobytes() + palette for pixels in frames), told)
            if ended or not path.is_file():
                raise VideoError(f"ffmpeg ended with {ended}: {said.read_bytes()[-500:]!r}")
            return path.read_bytes()


ENCODERS: tuple[Callable[[], Encoder], ...] = (PyAv, FfmpegProgram)
"""The package first: it is the same everywhere."""


def encoder() -> Encoder | None:
    """The first that is there."""
    return next((found for found in (each() for each in ENCODERS) if not found.missing()), None)


def _run(
    command: Sequence[str], errors: IO[bytes], frames: Iterator[bytes], told: Callable[[int], None]
) -> int:
    """Start the program, give it its frames, and wait for what it ends with."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors) as process:  # noqa: S603 - our words and paths
        pipe = cast("IO[bytes]", process.stdin)
        # One that ended sooner says itself why.
        with contextlib.suppress(BrokenPipeError):
            for number, frame in enumerate(frames):
                pipe.write(frame)
                told(number)
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
    return process.returncode


def _options(rates: Rates) -> dict[str, str]:
    """x264's: a quality, as long as that does not take more than the rate over what may be saved."""
    return {
        "preset": _PRESET,
        **_LOOK_AHEAD,
        "crf": _QUALITY,
        "maxrate": str(rates.picture),
        "bufsize": str(_SAVED_SECONDS * rates.picture),
        "g": str(_KEYFRAME_SECONDS * FRAMES_PER_SECOND),
    }
