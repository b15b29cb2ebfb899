"""Where each call of the remote API lives, in one place: the newer `jobs` routes become a second `Paths`."""

import msgspec


class Paths(msgspec.Struct, frozen=True):
    """The paths of one generation of the API, each beginning with a slash."""

    upload: str
    separate: str
    separation: str
    generate_midi: str
    midi: str
    music: str
    credits: str


LEGACY = Paths(
    upload="/api/file-stream-upload",
    separate="/api/v1/vocal-removal/generate",
    separation="/api/v1/vocal-removal/record-info",
    generate_midi="/api/v1/midi/generate",
    midi="/api/v1/midi/record-info",
    music="/api/v1/generate/record-info",
    credits="/api/v1/chat/credit",
)
