"""A sound file as blocks of mono samples at the model's rate, so that memory does not grow with the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

import av
import numpy as np
import soxr
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from bot.kie.song_errors import CutSongError, NoSoundError, SongTooLongError, UnreadableSongError
from bot.studio.transcriber.chunks import boxes
from bot.studio.transcriber.mix import Mixer

Samples = NDArray[np.float32]

RATE_HZ: Final = 22_050
"""What the model was trained at."""

FORMATS: Final = "wav,w64,flac,mp3,ogg,mov,aac,aiff,matroska,caf,asf,amr,au"
"""No playlists (hls, concat, dash): such a file can name other files and addresses for ffmpeg to open."""

SLOWEST_RATE_HZ: Final = 2_000
FASTEST_RATE_HZ: Final = 768_000
"""A file that claims 1 Hz would make hours of samples out of each second."""

GRACE_SECONDS: Final = 1.0
"""Encoders pad: a song of exactly the limit comes out a little longer."""

SHORTEST_SECONDS: Final = 0.005
"""What a packet that states no length counts for at the least: a mean packet of AAC or Vorbis has 20 ms, and a hostile file
of 100 MB has 14 million of them with nothing inside."""

CRUMB_SECONDS: Final = 0.001
"""A mean packet has more: the shortest of all, Opus's, has 2.5 ms. A file of 8 MB has two million of one sample each."""

FREE_PACKETS: Final = 10_000
"""They are read before their mean is looked at: a tenth of a second."""

PROBED_BYTES: Final = "1000000"
"""FFmpeg looks at 5 MB to find out what a file is; of packets of 7 bytes that takes it 9 s."""

MOST_SHAPES: Final = 50
"""Changes of rate or channels in a file; each costs a new resampler."""

BROKEN: Final = (av.FFmpegError, OSError, ValueError)
"""What PyAV raises over damaged files; OSError where a header points to a place before the file's start."""

MOST_BROKEN_PACKETS: Final = 5_000
"""Two minutes of mp3. Each costs 28 us, and a crafted file of 100 MB can hold 50 million."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file and its first sound track.

    Raises:
        CutSongError: an m4a or mp4 without its index.
        UnreadableSongError: not a media file of a known kind.
        NoSoundError: a media file without a sound track, such as a silent video.
    """
    with path.open("rb") as file:
        try:
            container = av.open(file, "r", options={"format_whitelist": FORMATS, "probesize": PROBED_BYTES})
        except MemoryError:
            raise
        except BROKEN as error:
            raise (CutSongError if _lacks_its_index(file) else UnreadableSongError)(str(error)) from error
        with container:
            if not container.streams.audio:
                raise NoSoundError
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                # Decoding its packets would end the process.
                raise UnreadableSongError("no decoder for its sound")
            yield container, stream


def _lacks_its_index(file: BinaryIO) -> bool:
    """Whether it is an m4a or mp4 without the box that says where its sound is, or with only a part of that one."""
    found = {box.name: box for box in boxes(file)}
    first, index = next(iter(found), b""), found.get(b"moov")
    if index:
        return index.end > file.seek(0, 2)
    return first in {b"ftyp", b"wide", b"mdat"} and (b"mdat" in found or found[first].end > file.seek(0, 2))


def measure(path: Path, *, limit_seconds: float) -> float:
    """The length of the sound in seconds, from its packets: what files state about themselves is often wrong.

    Raises:
        UnreadableSongError, NoSoundError: as `opened`; NoSoundError also when not one sample can be decoded.
        SongTooLongError: longer than `limit_seconds`.
    """
    with opened(path) as (container, stream):
        stated = stated_seconds(container, stream)
        seconds = at_least = 0.0
        for count, packet in enumerate(packets(container, stream)):
            length = float((packet.duration or 0) * (packet.time_base or 0))
            seconds += length
            at_least += length or SHORTEST_SECONDS
            if at_least > limit_seconds + GRACE_SECONDS:
                raise SongTooLongError(max(stated, at_least), limit_seconds)
            if count > FREE_PACKETS and count * CRUMB_SECONDS > at_least:
                raise UnreadableSongError(f"{count} packets of {at_least} s")
    # Only now: so many packets of nothing are not decoded.
    if next(blocks(path, limit_seconds=limit_seconds), None) is None:
        raise NoSoundError
    return seconds or min(stated, limit_seconds)


def blocks(path: Path, *, limit_seconds: float) -> Iterator[Samples]:
    """Mono blocks at `RATE_HZ`, as float32 around -1..1.

    Damaged packets are skipped: half a song is worth more than none.

    Raises:
        UnreadableSongError, NoSoundError: as `opened`.
        SongTooLongError: there is more sound than `limit_seconds`, whatever the file states.
    """
    left = int((limit_seconds + GRACE_SECONDS) * RATE_HZ)
    with opened(path) as (container, stream):
        converter = _Converter()
        for frame in _frames(container, stream, _decoder(path, stream)):
            samples = converter.feed(frame)
            left -= samples.size
            if left < 0:
                raise SongTooLongError(stated_seconds(container, stream) or limit_seconds + 60, limit_seconds)
            if samples.size:
                yield samples
        tail = converter.end()
        if tail.size:
            yield tail


class _Converter:
    """Any sample format, layout and rate to mono at `RATE_HZ`; follows a change in the middle of a file."""

    def __init__(self) -> None:
        self._shape: tuple[str, int, int] | None = None
        self._shapes = 0
        self._mixer = Mixer()
        self._rate: soxr.ResampleStream

    def feed(self, frame: AudioFrame) -> Samples:
        before = np.zeros(0, np.float32)
        shape = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        try:
            if shape != self._shape:
                before = self.end()
                self._begin(*shape)
            return np.concatenate([before, self._resampled(self._mixer.mono(_channels(frame)))])
        except BROKEN as error:
            raise UnreadableSongError(f"sound of the shape {shape}") from error

    def end(self) -> Samples:
        return self._resampled(np.zeros(0, np.float32), last=True) if self._shape else np.zeros(0, np.float32)

    def _begin(self, sample_format: str, channels: int, rate_hz: int) -> None:
        if not SLOWEST_RATE_HZ <= rate_hz <= FASTEST_RATE_HZ:
            raise UnreadableSongError(f"a sample rate of {rate_hz} Hz")
        self._shapes += 1
        if self._shapes > MOST_SHAPES:
            raise UnreadableSongError("its shape changes again and again")
        self._shape = (sample_format, channels, rate_hz)
        self._rate = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")

    def _resampled(self, mono: Samples, *, last: bool = False) -> Samples:
        resampled: Samples = self._rate.resample_chunk(mono, last=last)
        # A float file may hold NaN or infinity; one of them would spoil the whole window.
        return np.nan_to_num(resampled, copy=False, posinf=0.0, neginf=0.0)


def _channels(frame: AudioFrame) -> Samples:
    """[channels, samples], around -1..1; of a layout that nobody named as well."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    loudness: Samples = samples.astype(np.float32)
    if samples.dtype.kind == "f":
        return loudness
    # The only unsigned format has eight bits.
    middle, loudest = (128, 128) if samples.dtype.kind == "u" else (0, 2 ** (8 * samples.itemsize - 1))
    return (loudness - np.float32(middle)) / np.float32(loudest)


def _frames(
    container: InputContainer, stream: AudioStream, decoder: AudioCodecContext
) -> Iterator[AudioFrame]:
    broken = 0
    for packet in packets(container, stream):
        try:
            yield from decoder.decode(packet)
        except av.EOFError:
            return
        except MemoryError:
            raise
        except BROKEN:
            broken += 1
            if broken > MOST_BROKEN_PACKETS:
                return


def packets(container: InputContainer, stream: AudioStream | None) -> Iterator[Packet]:
    """Those of one track, or of all, as far as they can be read."""
    demuxed = container.demux(stream) if stream else container.demux()
    while True:
        try:
            yield next(demuxed)
        except MemoryError:
            raise
        except (StopIteration, *BROKEN):
            # A cut-off upload ends in an error; what came before it is played.
            return


def _decoder(path: Path, stream: AudioStream) -> AudioCodecContext:
    """The track's own, but for RIFX: FFmpeg reads the header of such a wav from its big end, and the samples not."""
    own = stream.codec_context
    with path.open("rb") as file:
        is_rifx = file.read(4) == b"RIFX"
    if not (is_rifx and own.name.startswith("pcm_") and own.name.endswith("le")):
        return own
    decoder = cast("AudioCodecContext", AudioCodecContext.create(f"{own.name.removesuffix('le')}be", "r"))
    decoder.sample_rate = own.sample_rate
    decoder.layout = own.layout
    return decoder


def stated_seconds(container: InputContainer, stream: AudioStream) -> float:
    """What a file says of its length, or FFmpeg guesses; 0 where neither does."""
    if stream.duration is not None and stream.time_base is not None:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / av.time_base)
