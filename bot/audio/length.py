"""How long a song is, by what its file says of itself: good enough to say how long it will take."""

import time
from collections.abc import Callable
from typing import BinaryIO

import structlog
from tinytag import TinyTag

from bot.audio.bounded import Bounded

log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 1 << 20
"""Bytes: no header is longer."""

_MOST_BYTES = 16 << 20
"""Of all reads together: headers alone, as pictures and sound are stepped over."""

_LONGEST_SECONDS = 24 * 3600.0
"""What claims to be longer is not believed."""


def seconds_of(file: BinaryIO, *, monotonic: Callable[[], float] = time.monotonic) -> float | None:
    """The length of an open file, left at its beginning; None where it does not say. Reads: not for the loop."""
    file.seek(0)
    bounded = Bounded(file, most_at_once=_MOST_AT_ONCE, most_bytes=_MOST_BYTES, monotonic=monotonic)
    try:
        seconds = TinyTag.get(file_obj=bounded, tags=False).duration  # type: ignore[arg-type]  # all of a file that it uses
    except Exception as error:  # noqa: BLE001 (strangers' files make any: it is only good to know)
        log.debug("length.unknown", error=repr(error)[:200])
        return None
    finally:
        file.seek(0)
    return seconds if seconds and 0 < seconds < _LONGEST_SECONDS else None
