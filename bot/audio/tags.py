"""What a song's file says of itself: its title, who plays it, and its cover. It is only good to know."""

from typing import BinaryIO

import msgspec
import structlog
from tinytag import TinyTag

from bot.audio.bounded import Bounded

log = structlog.get_logger(__name__)

MOST_COVER_BYTES = 8 << 20
"""A scan in print quality; what is larger is no cover."""

_MOST_BYTES = 24 << 20
"""Of all reads together: a cover, encoded as text in an Ogg file, and the tags around it."""

_LONGEST = 200
"""Characters of a title or a name."""


class Tags(msgspec.Struct, frozen=True):
    """Empty where the file says nothing. `cover` is a picture as a stranger made it: nothing to be shown as it is."""

    title: str = ""
    artist: str = ""
    cover: bytes = b""


def tags_of(file: BinaryIO) -> Tags:
    """The tags of an open file, left at its beginning. Reads: not for the loop."""
    file.seek(0)
    bounded = Bounded(file, most_at_once=MOST_COVER_BYTES * 4 // 3, most_bytes=_MOST_BYTES)
    try:
        found = TinyTag.get(file_obj=bounded, duration=False, image=True)  # type: ignore[arg-type]  # all of a file that it uses
        image = found.images.front_cover or found.images.any
        cover = image.data if image else b""
        is_cover = len(cover) <= MOST_COVER_BYTES
        return Tags(_line(found.title), _line(found.artist), cover if is_cover else b"")
    except Exception as error:  # noqa: BLE001 (strangers' files make any: it is only good to know)
        log.debug("tags.unknown", error=repr(error)[:200])
        return Tags()
    finally:
        file.seek(0)


def _line(said: str | None) -> str:
    return (said or "").strip()[:_LONGEST]
