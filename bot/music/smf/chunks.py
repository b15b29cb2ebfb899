"""Where in a file's bytes its MIDI is: the header, and each track with its end, also where the lengths are wrong."""

from collections.abc import Iterator

import msgspec

_HEADER, _TRACK = b"MThd", b"MTrk"

_END_OF_TRACK = b"\xff\x2f\x00"

_MOST_TRIES = 16
"""Places that look like a header. Wrappers (RIFF, MacBinary, a byte order mark) have it once."""


_MOST_MARKS = 10_000
"""Places that look like a track, ten times as many as a song may have: a file of nothing else is soon given up."""


class Header(msgspec.Struct, frozen=True):
    """What a header says; `tracks` are as many as it announces, `end` is where it ends."""

    kind: int
    tracks: int
    division: int
    end: int


def header(data: bytes) -> Header | None:
    """The first usable header, wherever in the file it begins."""
    at = -1
    for _ in range(_MOST_TRIES):
        at = data.find(_HEADER, at + 1)
        if at < 0:
            return None
        fields = data[at + 8 : at + 14]
        if len(fields) < 6:
            return None
        kind, tracks, division = (int.from_bytes(fields[place : place + 2]) for place in (0, 2, 4))
        if kind <= 2 and division & 0x7FFF and (division & 0xFF or not division & 0x8000):
            size = int.from_bytes(data[at + 4 : at + 8])
            end = at + 8 + size
            # Nobody's header is longer than a few bytes; one that leads out of the file says its length wrongly.
            return Header(kind, tracks, division, end if size >= 6 and end <= len(data) else at + 14)
    return None


class Chunk(msgspec.Struct):
    """The bytes of a track, and whether the file ends before it does. Its reader says where it stopped."""

    start: int
    end: int
    is_cut: bool
    stopped_at: int = 0


def track_chunks(data: bytes, at: int) -> Iterator[Chunk]:
    """Each track from `at` on, as its length says or, where that cannot be, up to the next one; others are passed over."""
    for _ in range(_MOST_MARKS):
        if (at := _next_track(data, at)) < 0:
            return
        start, end = at + 8, at + 8 + int.from_bytes(data[at + 4 : at + 8])
        if _is_border(data, end) or data[end - 3 : end] == _END_OF_TRACK:
            yield Chunk(start, end, is_cut=False)
            at = end
            continue
        # The length is wrong, or the file is cut.
        following = data.find(_TRACK, at + 4)
        if following < 0:
            chunk = Chunk(start, len(data), is_cut=end > len(data))
        else:
            chunk = Chunk(start, following, is_cut=False)
        if chunk.end >= start:
            yield chunk
        at = max(at + 4, chunk.stopped_at)


def _next_track(data: bytes, at: int) -> int:
    """Where the next track begins at or after `at`, by chunks as long as there are any; -1 where there is none."""
    while at + 8 <= len(data) and data[at : at + 4] != _TRACK:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8])
        if not _is_name(data[at : at + 4]) or not _is_border(data, end):
            found = data.find(_TRACK, at)
            return found if found + 8 <= len(data) else -1
        at = end
    return at if at + 8 <= len(data) else -1


def _is_border(data: bytes, at: int) -> bool:
    """Whether a chunk may end here: with the file, or where another begins."""
    return at == len(data) or (at < len(data) and _is_name(data[at : at + 4]))


def _is_name(name: bytes) -> bool:
    """Whether these can be a chunk's name: printable ASCII, as far as the file goes."""
    return all(0x20 <= letter < 0x7F for letter in name)
