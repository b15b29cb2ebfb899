"""A recording that somebody gave, as samples beside the synthesizer's. Only for a process of its own: strangers made the file."""

import math
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, cast

from bot.music.columns import NDArray, np
from bot.sound.errors import NoOriginalError
from bot.sound.pcm import SAMPLE_RATE, Pcm

if TYPE_CHECKING:
    from av import AudioFrame

_FORMATS: Final = "wav,w64,flac,mp3,ogg,mov,aac,aiff,matroska,caf,asf,amr,au"
"""No playlists (hls, concat, dash): such a file can name other files and addresses for ffmpeg to open."""

_PROBED_BYTES: Final = "1000000"
"""FFmpeg looks at 5 MB to find out what a file is; of packets of 7 bytes that takes it 9 s."""

_RATES_HZ = range(2_000, 768_001)
"""A file that claims 1 Hz would make hours of samples out of each second."""

_MOST_BROKEN_PACKETS = 5_000
"""Two minutes of mp3; a crafted file can hold millions."""

_QUIETEST = 1e-4
"""80 dB below full scale: nothing worth raising."""

Mono: TypeAlias = "NDArray[np.float32]"


def decodes() -> bool:
    """Whether this machine can read recordings. Looks for a package: not for the loop."""
    return find_spec("av") is not None


def original(file: BinaryIO, start_seconds: float, frames: int) -> Mono:
    """So many frames at 48 kHz from `start_seconds` on, all channels in one; silence where there is less.

    Everything before is decoded as well and counted by its samples, as when its notes were found: what a file says of its
    times is often wrong.

    Raises:
        NoOriginalError: it cannot be read.
    """
    import av  # noqa: PLC0415 - an optional package, and 0.1 s to import

    found = np.zeros(frames, np.float32)
    filled = 0
    try:
        for block in _blocks(file, start_seconds):
            some = block[: frames - filled]
            found[filled : filled + len(some)] = some
            filled += len(some)
            if filled >= frames:
                break
    except (av.FFmpegError, OSError, ValueError) as error:
        raise NoOriginalError(repr(error)[:200]) from error
    return np.nan_to_num(found, copy=False, posinf=0.0, neginf=0.0)


def _blocks(file: BinaryIO, start_seconds: float) -> Iterator[Mono]:
    import av  # noqa: PLC0415 - see above

    passed = 0.0
    shape: tuple[object, ...] = ()
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    for frame in _frames(file):
        if frame.sample_rate not in _RATES_HZ:
            raise NoOriginalError(f"{frame.sample_rate} Hz")
        began, passed = passed, passed + frame.samples / frame.sample_rate
        if passed <= start_seconds:
            continue
        if (new := (frame.format.name, frame.layout.name, frame.sample_rate)) != shape:
            shape, resampler = new, av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frame.pts = None
        late = round(max(0.0, start_seconds - began) * SAMPLE_RATE)
        for resampled in resampler.resample(frame):
            block = resampled.to_ndarray().reshape(-1).astype(np.float32)
            yield block[late:]
            late = max(0, late - len(block))


def _frames(file: BinaryIO) -> "Iterator[AudioFrame]":
    """All that can be decoded; damaged packets are skipped."""
    import av  # noqa: PLC0415 - see above

    broken = 0
    with av.open(file, "r", options={"format_whitelist": _FORMATS, "probesize": _PROBED_BYTES}) as container:
        if not container.streams.audio or container.streams.audio[0].codec_context is None:
            raise NoOriginalError("no sound in it")
        for packet in container.demux(container.streams.audio[0]):
            try:
                decoded = packet.decode()
            except (av.FFmpegError, ValueError) as error:
                broken += 1
                if broken > _MOST_BROKEN_PACKETS:
                    raise NoOriginalError("too many broken packets") from error
                continue
            # Of a sound track, so these are all frames of sound.
            yield from cast("list[AudioFrame]", decoded)


def side_by_side(left: Mono, ours: Pcm) -> Pcm:
    """The recording left and ours right, as loud as one another on the whole; in place of ours."""
    ours[:, 1] += ours[:, 0]
    ours[:, 0] = left
    for side in range(2):
        if (loudness := _loudness(ours[:, side])) > _QUIETEST:
            ours[:, side] *= np.float32(1 / loudness)
    return ours


def _loudness(samples: Mono) -> float:
    """The root of the mean square. Second by second: of ten minutes a copy of floats has 230 MB."""
    seconds = (samples[first : first + SAMPLE_RATE] for first in range(0, len(samples), SAMPLE_RATE))
    return math.sqrt(sum(float(np.dot(second, second)) for second in seconds) / max(len(samples), 1))
