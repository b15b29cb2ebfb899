"""Whether a file ends before its sound does, as uploads that broke off do."""

from pathlib import Path
from typing import BinaryIO, Final, Literal

from bot.studio.transcriber.decode import opened, stated_seconds

STATED_BY: Final = {"flac", "aiff", "mov", "matroska", "caf"}
"""Formats whose headers say how long the sound is, whatever came of the file. Of others FFmpeg estimates by the size."""

SLACK_SECONDS: Final = 0.5
SLACK_SHARE: Final = 0.02
"""Encoders pad, and headers round."""

TAIL_BYTES: Final = 128 << 10
"""A page of Ogg has at most 65 307."""

HEAD_BYTES: Final = 64 << 10
"""Within these an mp3 says how many frames it has, if it does; a picture of the cover may stand before it."""

MOST_CHUNKS: Final = 1000
"""A wav has a handful before its sound; 100 MB of empty ones would be 12 million."""

UNKNOWN_SIZE: Final = 0x7FFFF000
"""What is written as it is played states 0 or about the most there can be."""


def is_cut(path: Path, heard_seconds: float) -> bool:
    """Whether the file at `path`, of which there were `heard_seconds` of sound, should have had more."""
    with opened(path) as (container, stream):
        names = set(container.format.name.split(","))
        stated = stated_seconds(container, stream)
    with path.open("rb") as file:
        if "wav" in names:
            return _is_cut_wav(file)
        if "ogg" in names:
            return not _ends_ogg(file)
        if not (names & STATED_BY or ("mp3" in names and _counts_frames(file))):
            return False
    return stated - heard_seconds > SLACK_SECONDS + SLACK_SHARE * stated


def _is_cut_wav(file: BinaryIO) -> bool:
    """Whether its chunk of sound ends behind the end of the file."""
    order: Literal["big", "little"] = "big" if file.read(4) == b"RIFX" else "little"
    size = file.seek(0, 2)
    at = 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            break
        file.seek(at)
        name, length = file.read(4), int.from_bytes(file.read(4), order)
        if name == b"data":
            return 0 < length < UNKNOWN_SIZE and at + 8 + length > size
        at += 8 + length + length % 2
    return False


def _ends_ogg(file: BinaryIO) -> bool:
    """Whether one of its last pages says that it is the last of a stream."""
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    at = tail.find(b"OggS")
    while at >= 0:
        if tail[at + 5 : at + 6] and tail[at + 5] & 4:
            return True
        at = tail.find(b"OggS", at + 1)
    return False


def _counts_frames(file: BinaryIO) -> bool:
    """Whether an mp3 says how long it is."""
    head = file.read(10)
    if head[:3] == b"ID3":
        # Seven bits a byte.
        file.seek(10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False)))
    else:
        file.seek(0)
    start = file.read(HEAD_BYTES)
    return b"Xing" in start or b"Info" in start or b"VBRI" in start
