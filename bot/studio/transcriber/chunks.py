"""Files made of chunks with a name and a length, as far as it takes to see whether the last one is whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

MOST_CHUNKS: Final = 1000
"""A wav has a handful before its sound; 100 MB of empty ones would be 12 million."""

UNKNOWN_32, UNKNOWN_64 = 0x7FFFF000, 0x7FFF_FFFF_FFFF_F000
"""What is written as it is played states 0 or about the most there can be."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format writes its chunks: a name of `name` bytes, a length of `size`, and the content."""

    first_at: int
    name: int
    size: int
    order: Literal["big", "little"]
    aligned: int = 1
    counts_header: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """The content of one, by what its header says: a place at `end` may be behind the end of the file."""

    name: bytes
    start: int
    end: int

    @property
    def is_measured(self) -> bool:
        """Whether its header says how long it is."""
        return 0 < self.end - self.start < UNKNOWN_64


WAV: Final = Layout(12, 4, 4, "little", aligned=2)
RIFX: Final = Layout(12, 4, 4, "big", aligned=2)
W64: Final = Layout(40, 16, 8, "little", aligned=8, counts_header=True)
CAF: Final = Layout(8, 4, 8, "big")
AIFF: Final = Layout(12, 4, 4, "big", aligned=2)


def chunks(file: BinaryIO, layout: Layout) -> Iterator[Chunk]:
    """Those of a file one after the other, at most `MOST_CHUNKS`."""
    size = file.seek(0, 2)
    at, header = after_tag(file) + layout.first_at, layout.name + layout.size
    for _ in range(MOST_CHUNKS):
        if at + header > size:
            return
        file.seek(at)
        name, length = file.read(layout.name), int.from_bytes(file.read(layout.size), layout.order)
        if layout.counts_header:
            length = max(0, length - header)
        elif layout.size == 4 and length >= UNKNOWN_32:
            length = UNKNOWN_64
        yield Chunk(name, at + header, at + header + length)
        at += header + length + -length % layout.aligned


def after_tag(file: BinaryIO) -> int:
    """Where a file begins behind an ID3 tag, which some programs put in front of everything."""
    file.seek(0)
    head = file.read(10)
    if head[:3] != b"ID3":
        return 0
    # Seven bits a byte.
    return 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))


def boxes(file: BinaryIO) -> Iterator[Chunk]:
    """The same of m4a and mp4, which say the length first."""
    size = file.seek(0, 2)
    at = 0
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            return
        file.seek(at)
        length, name, header = int.from_bytes(file.read(4), "big"), file.read(4), 8
        if length == 1:
            length, header = int.from_bytes(file.read(8), "big"), 16
        elif length == 0:
            # All the rest.
            length = size - at
        if length < header:
            return
        yield Chunk(name, at + header, at + length)
        at += length
