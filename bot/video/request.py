"""What the process that makes a video is given."""

from dataclasses import dataclass

from bot.video.shot import Shot


@dataclass(frozen=True, slots=True)
class Film:
    """What is to be made: within `most_bytes`, with the sound font that the owner chose."""

    shot: Shot
    most_bytes: int
    sound_font: str | None = None
