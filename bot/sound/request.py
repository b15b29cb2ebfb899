"""What the rendering process is asked."""

import msgspec


class Request(msgspec.Struct, frozen=True):
    """Sent as JSON in the process' only argument; the MIDI file goes to its standard input."""

    seconds: float
    fade_in_seconds: float
    fade_out_seconds: float
    sound_font: str | None = None
    """The path of the one that the owner chose."""
    original: int | None = None
    """The descriptor of an open file that is to be heard left of it, from `original_start_seconds` on."""
    original_start_seconds: float = 0.0
