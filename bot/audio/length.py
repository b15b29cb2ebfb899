"""How long a song is, by what its file says of itself: good enough to say how long it will take."""

from typing import BinaryIO

import structlog
from tinytag import TinyTag

log = structlog.get_logger(__name__)

_MOST_READS = 200_000
"""An Ogg file of 100 MB has 25 000 pages. What leads round in circles is at its end after a quarter of a second."""

_MOST_BYTES = 1 << 20
"""At once: no header is longer."""

_LONGEST_SECONDS = 24 * 3600.0
"""What claims to be longer is not believed."""


class _TooManyReadsError(Exception):
    """A file whose parts never end."""


class _Bounded:
    """A file for a parser that may be led astray: it reads so often, and so much at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_READS

    def read(self, count: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise _TooManyReadsError
        return self._file.read(_MOST_BYTES if count < 0 else min(count, _MOST_BYTES))

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()


def seconds_of(file: BinaryIO) -> float | None:
    """The length of an open file, left at its beginning; None where it does not say. Reads: not for the loop."""
    file.seek(0)
    try:
        seconds = TinyTag.get(file_obj=_Bounded(file), tags=False).duration  # type: ignore[arg-type]  # all of a file that it uses
    except Exception as error:  # noqa: BLE001 (strangers' files make any: it is only good to know)
        log.debug("length.unknown", error=repr(error)[:200])
        return None
    finally:
        file.seek(0)
    return seconds if seconds and 0 < seconds < _LONGEST_SECONDS else None
