"""Whether a file ends before its sound does, as uploads that broke off do."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from bot.audio import frames
from bot.studio.transcriber.chunks import AIFF, CAF, RIFX, W64, WAV, Chunk, after_tag, boxes, chunks
from bot.studio.transcriber.decode import BROKEN, opened, packets, stated_seconds

STATED_BY: Final = {"flac", "mov", "matroska"}
"""Formats whose headers say how long the sound is, whatever came of the file. Of others FFmpeg estimates by the size."""

SLACK_SECONDS: Final = 0.5
SLACK_SHARE: Final = 0.02
"""Encoders pad, and headers round."""

TAIL_BYTES: Final = 128 << 10
"""A page of Ogg has at most 65 307."""

HEAD_BYTES: Final = 64 << 10
"""Within these an mp3 says how many frames it has, if it does; a picture of the cover may stand before it."""

SLACK_BYTES: Final = 4096
"""Some programs count their header or padding in: 23 ms of a CD's sound."""

SPARE_BYTES: Final = 1
"""An mp3 of some encoders lacks the padding of its last frame."""

BLOCK_HEADER_BYTES: Final = 32
"""Of a block of Matroska; it has 11."""

WAVE64_SOUND: Final = b"data" + bytes.fromhex("f3 ac d3 11 8c d1 00 c0 4f 8e db 8a")
ASF_PROPERTIES: Final = bytes.fromhex("a1 dc ab 8c 47 a9 cf 11 8e e4 00 c0 0c 20 53 65")
"""Microsoft's names for them, as bytes."""

AMR_BYTES: Final = {
    "amrnb": (13, 14, 16, 18, 20, 21, 27, 32, 6),
    "amrwb": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6),
}
"""The length of a frame by its kind."""

SEGMENT: Final = bytes.fromhex("18 53 80 67")
"""In which Matroska keeps all but its first few bytes."""


def is_cut(path: Path, heard_seconds: float) -> bool:
    """Whether the file at `path`, of which there were `heard_seconds` of sound, should have had more."""
    with opened(path) as (container, stream), path.open("rb") as file:
        names = set(container.format.name.split(","))
        says_length = bool(names & STATED_BY) or ("mp3" in names and _counts_frames(file))
        stated = stated_seconds(container, stream) if says_length else 0.0
        if stated - heard_seconds > SLACK_SECONDS + SLACK_SHARE * stated:
            return True
        return any(_ENDS_EARLY[name](file) for name in names & _ENDS_EARLY.keys()) or _last_is_broken(
            container, stream, names
        )


def _wav(file: BinaryIO) -> bool:
    file.seek(after_tag(file))
    found = list(_to_sound(chunks(file, RIFX if file.read(4) == b"RIFX" else WAV), b"data"))
    if found and not found[-1].is_measured and found[0].name == b"ds64":
        # RF64: what has no room in 32 bits stands here.
        file.seek(found[0].start + 8)
        end = found[-1].start + int.from_bytes(file.read(8), "little")
        found[-1] = Chunk(b"data", found[-1].start, end)
    return _is_behind(found, file, SLACK_BYTES)


def _w64(file: BinaryIO) -> bool:
    return _is_behind(_to_sound(chunks(file, W64), WAVE64_SOUND), file, SLACK_BYTES)


def _caf(file: BinaryIO) -> bool:
    return _is_behind(_to_sound(chunks(file, CAF), b"data"), file, SLACK_BYTES)


def _aiff(file: BinaryIO) -> bool:
    return _is_behind(_to_sound(chunks(file, AIFF), b"SSND"), file, SLACK_BYTES)


def _mp4(file: BinaryIO) -> bool:
    return _is_behind(boxes(file), file)


def _au(file: BinaryIO) -> bool:
    file.seek(4)
    start, length = (int.from_bytes(file.read(4), "big") for _ in range(2))
    return length < 0xFFFFFFFF and start + length > file.seek(0, 2) + SLACK_BYTES


def _asf(file: BinaryIO) -> bool:
    """By the size of the whole, which its properties tell."""
    file.seek(0)
    _, found, properties = file.read(HEAD_BYTES).partition(ASF_PROPERTIES)
    return bool(found) and int.from_bytes(properties[24:32], "little") > file.seek(0, 2)


def _ogg(file: BinaryIO) -> bool:
    """Whether its last page is not the last of a stream, or is not whole."""
    tail = _tail(file)
    at = tail.rfind(b"OggS")
    if at < 0:
        return True
    header = tail[at : at + 27 + 255]
    sizes = header[27 : 27 + header[26]] if len(header) > 26 else b""
    return not header[5:6] or not header[5] & 4 or at + 27 + len(sizes) + sum(sizes) > len(tail)


def _matroska(file: BinaryIO) -> bool:
    """By the size of its one great element, where it says that: all bits set stand for a recording."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    at = head.find(SEGMENT) + len(SEGMENT)
    width = 9 - head[at].bit_length() if at >= len(SEGMENT) and at < len(head) else 9
    if width > 8:
        return False
    unknown = (1 << 7 * width) - 1
    length = int.from_bytes(head[at : at + width], "big") & unknown
    return length != unknown and at + width + length > file.seek(0, 2)


def _mpeg(file: BinaryIO) -> bool:
    return frames.breaks_off(_tail(file) + bytes(SPARE_BYTES), frames.mpeg_bytes)


def _aac(file: BinaryIO) -> bool:
    return frames.breaks_off(_tail(file), frames.adts_bytes)


_ENDS_EARLY: Final = {
    "wav": _wav,
    "w64": _w64,
    "caf": _caf,
    "aiff": _aiff,
    "mov": _mp4,
    "au": _au,
    "asf": _asf,
    "matroska": _matroska,
    "ogg": _ogg,
    "mp3": _mpeg,
    "aac": _aac,
}
"""By FFmpeg's names of formats."""


def _to_sound(found: Iterable[Chunk], name: bytes) -> Iterable[Chunk]:
    for chunk in found:
        yield chunk
        if chunk.name == name:
            return


def _is_behind(found: Iterable[Chunk], file: BinaryIO, slack: int = 0) -> bool:
    """Whether the last of these ends more than `slack` bytes behind the end of the file."""
    last = None
    for last in found:  # noqa: B007 (the last one is wanted)
        pass
    return last is not None and last.is_measured and last.end > file.seek(0, 2) + slack


def _last_is_broken(container: InputContainer, stream: AudioStream, names: set[str]) -> bool:
    """By the last packet, of formats that have no better sign."""
    if not names & {"flac", "amr", "matroska"}:
        return False
    last: Packet | None = None
    for packet in packets(container, None if "matroska" in names else stream):
        if packet.size:
            last = packet
    if last is None:
        return True
    if "amr" in names:
        sizes = AMR_BYTES.get(stream.codec_context.name, ())
        kind = bytes(last)[0] >> 3 & 15
        return kind < len(sizes) and last.size < sizes[kind]
    if "matroska" in names:
        # What is written as it is recorded has no table behind its last block.
        left = container.size - (last.pos or 0) - last.size
        return container.duration is None and left > BLOCK_HEADER_BYTES
    if "flac" in names:
        try:
            stream.codec_context.decode(last)
        except (av.FFmpegError, *BROKEN):
            return True
    return False


def _tail(file: BinaryIO) -> bytes:
    file.seek(max(0, file.seek(0, 2) - TAIL_BYTES))
    return file.read()


def _counts_frames(file: BinaryIO) -> bool:
    """Whether an mp3 says how long it is."""
    file.seek(after_tag(file))
    start = file.read(HEAD_BYTES)
    return b"Xing" in start or b"Info" in start or b"VBRI" in start
