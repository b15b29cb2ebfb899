"""A file for a parser that may be led astray: it reads so often, so much at once and in all, and for so long."""

import time
from collections.abc import Callable
from typing import BinaryIO

_MOST_READS = 200_000
"""An Ogg file of 100 MB has 25 000 pages. What leads round in circles is at its end after a quarter of a second."""

_MOST_SECONDS = 2.0
"""For all together: eight times what so many reads take, on a disk that others use as well."""


class LedAstrayError(Exception):
    """A file whose parts never end."""


class Bounded:
    """As much of a file as tinytag uses."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        most_at_once: int,
        most_bytes: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of all reads together `most_bytes`."""
        self._file = file
        self._monotonic = monotonic
        self._until = monotonic() + _MOST_SECONDS
        self._steps_left = _MOST_READS
        self._most_at_once = most_at_once
        self._bytes_left = most_bytes

    def read(self, count: int = -1) -> bytes:
        """Some of what follows.

        Raises:
            LedAstrayError: it was enough.
        """
        self._step()
        data = self._file.read(self._most_at_once if count < 0 else min(count, self._most_at_once))
        self._bytes_left -= len(data)
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        """Go somewhere.

        Raises:
            LedAstrayError: it was enough.
        """
        self._step()
        return self._file.seek(place, whence)

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0 or self._bytes_left <= 0 or self._monotonic() > self._until:
            raise LedAstrayError

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()
