"""MIDI files that are small to send and large to read, each in a way of its own."""

import struct
from collections.abc import Iterable

_END = b"\x00\xff\x2f\x00"
_NOTE = b"\x00\x90\x3c\x40\x10\x80\x3c\x00"


def bombs() -> dict[str, bytes]:
    """By what they have too much of."""
    return {
        "tempos": _file([_tempos(40_000), *[_NOTE] * 1_000]),
        "more-tempos": _file([_tempos(1_370_000), *[_NOTE] * 5_000]),
        "programs": _file([b"".join(_program(number % 128) + _NOTE for number in range(150))] * 1_000),
        "instruments": _file([b"".join(_all_programs(channel)) for channel in range(16)]),
        "tracks": _file([_NOTE] * 65_535),
        "ties": _file([b"\x01\x90\x3c\x40" * 600_000]),
    }


def _file(tracks: Iterable[bytes]) -> bytes:
    chunks = [b"MTrk" + struct.pack(">I", len(track) + len(_END)) + track + _END for track in tracks]
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(chunks), 480) + b"".join(chunks)


def _tempos(count: int) -> bytes:
    return b"".join(b"\x01\xff\x51\x03" + (400_000 + number % 200_000).to_bytes(3) for number in range(count))


def _program(number: int, channel: int = 0) -> bytes:
    return bytes((0, 0xC0 | channel, number))


def _all_programs(channel: int) -> Iterable[bytes]:
    for program in range(128):
        yield _program(program, channel)
        yield bytes((0, 0x90 | channel, 60, 64, 0x10, 0x80 | channel, 60, 0))
