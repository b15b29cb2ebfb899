"""What the process that makes a video is given."""

import msgspec

from bot.video.shot import Shot


class Film(msgspec.Struct, frozen=True):
    """What is to be made: within `most_bytes`, with the sound font that the owner chose."""

    shot: Shot
    most_bytes: int
    sound_font: str | None = None
