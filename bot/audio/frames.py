"""Sound that is frame after frame without a table of them: MPEG's layers II and III, and AAC in ADTS."""

import re
from collections.abc import Callable
from typing import Final

CHAIN: Final = 4
"""Frames in a row that no chance makes: a header fits one of 500 places in random bytes."""

LONGEST_HEADER: Final = 7

_SYNC = re.compile(rb"\xff[\xe2-\xff]")

_LAYER_3 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LAYER_2 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LOW_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""kbit/s by a frame header's index: MPEG 1 layer III, MPEG 1 layer II, and both layers of MPEG 2 and 2.5."""

Measure = Callable[[bytes], int]
"""A header to the length of its frame; 0 for what is no header."""


def mpeg_bytes(header: bytes) -> int:
    """The length of an MPEG audio frame; 0 for what is no header.

    Layer I is not taken: nobody has it, and its sync ff fe is the byte order mark of UTF-16 text.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate_index, sample_index = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer not in {1, 2} or rate_index in {0, 15} or sample_index == 3:
        return 0
    first_version = version == 3
    rates = (_LAYER_2 if layer == 2 else _LAYER_3) if first_version else _LOW_RATES
    sample_rate = (44_100, 48_000, 32_000)[sample_index] // {3: 1, 2: 2, 0: 4}[version]
    samples = 1152 if first_version or layer == 2 else 576
    return samples // 8 * rates[rate_index] * 1000 // sample_rate + (header[2] >> 1 & 1)


def adts_bytes(header: bytes) -> int:
    """The length of a frame of AAC: sync fff, layer 0, a length in bits 30 to 42."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length >= 7 else 0


def begins_chain(sound: bytes, measure: Measure, *, at: int = 0, frames: int = CHAIN) -> bool:
    """Whether at `at` there are `frames` headers of one kind, each where the one before it leads."""
    kind = sound[at + 1 : at + 2]
    for _ in range(frames):
        length = measure(sound[at : at + LONGEST_HEADER])
        if not length or sound[at + 1 : at + 2] != kind:
            return False
        at += length
    return True


def holds_chain(sound: bytes, measure: Measure) -> bool:
    """Whether there is one somewhere behind other bytes, which players skip: what a cut or a damaged tag left."""
    return any(begins_chain(sound, measure, at=found.start()) for found in _SYNC.finditer(sound))


def breaks_off(tail: bytes, measure: Measure) -> bool:
    """Whether the last frame of a file that ends with `tail` should have been longer."""
    at = 0
    while found := _SYNC.search(tail, at):
        at = found.start()
        if not begins_chain(tail, measure, at=at):
            at += 1
            continue
        while length := measure(tail[at : at + LONGEST_HEADER]):
            at += length
        if at > len(tail):
            return True
    return False
