"""How long a song is, by what its file says of itself: good enough to say how long it will take."""

import time
from collections.abc import Callable
from typing import BinaryIO

import structlog
from tinytag import TinyTag

log = structlog.get_logger(__name__)

_MOST_READS = 200_000
"""An Ogg file of 100 MB has 25 000 pages. What leads round in circles is at its end after a quarter of a second."""

_MOST_AT_ONCE = 1 << 20
"""Bytes: no header is longer."""

_MOST_BYTES = 16 << 20
"""Of all reads together: headers alone, as pictures and sound are stepped over."""

_MOST_SECONDS = 2.0
"""For all together: eight times what so many reads take, on a disk that others use as well."""

_LONGEST_SECONDS = 24 * 3600.0
"""What claims to be longer is not believed."""


class _LedAstrayError(Exception):
    """A file whose parts never end."""


class _Bounded:
    """A file for a parser that may be led astray: it reads so often, so much at once and in all, and for so long."""

    def __init__(self, file: BinaryIO, monotonic: Callable[[], float]) -> None:
        self._file = file
        self._monotonic = monotonic
        self._until = monotonic() + _MOST_SECONDS
        self._steps_left = _MOST_READS
        self._bytes_left = _MOST_BYTES

    def read(self, count: int = -1) -> bytes:
        self._step()
        data = self._file.read(_MOST_AT_ONCE if count < 0 else min(count, _MOST_AT_ONCE))
        self._bytes_left -= len(data)
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        self._step()
        return self._file.seek(place, whence)

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0 or self._bytes_left <= 0 or self._monotonic() > self._until:
            raise _LedAstrayError

    def tell(self) -> int:
        return self._file.tell()


def seconds_of(file: BinaryIO, *, monotonic: Callable[[], float] = time.monotonic) -> float | None:
    """The length of an open file, left at its beginning; None where it does not say. Reads: not for the loop."""
    file.seek(0)
    try:
        seconds = TinyTag.get(file_obj=_Bounded(file, monotonic), tags=False).duration  # type: ignore[arg-type]  # all of a file that it uses
    except Exception as error:  # noqa: BLE001 (strangers' files make any: it is only good to know)
        log.debug("length.unknown", error=repr(error)[:200])
        return None
    finally:
        file.seek(0)
    return seconds if seconds and 0 < seconds < _LONGEST_SECONDS else None
