"""Bytes of MIDI files, as any program may write them."""

END = "00 ff 2f 00"
"""End of track."""


def chunk(name: bytes, data: bytes) -> bytes:
    """Name, length, data."""
    return name + len(data).to_bytes(4) + data


def smf(*tracks: str | bytes, kind: int = 1, division: int = 480) -> bytes:
    """A file of tracks, each as hex or as bytes; `division` as the header has it."""
    header = kind.to_bytes(2) + len(tracks).to_bytes(2) + division.to_bytes(2)
    chunks = [chunk(b"MTrk", bytes.fromhex(track) if isinstance(track, str) else track) for track in tracks]
    return chunk(b"MThd", header) + b"".join(chunks)


def riff(midi: bytes) -> bytes:
    """A file as Windows' .rmi, with a chunk of odd length before it."""
    inside = b"RMID" + b"DISP" + (3).to_bytes(4, "little") + b"abc\0"
    inside += b"data" + len(midi).to_bytes(4, "little") + midi
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


def meta(kind: int, data: bytes) -> str:
    """A meta event at delta 0."""
    return f"00 ff {kind:02x} {len(data):02x} {data.hex(' ')} "


def named(name: str, encoding: str = "utf-8") -> str:
    """A track's name."""
    return meta(3, name.encode(encoding))


def tempo(microseconds: int) -> str:
    """A tempo, in microseconds a quarter."""
    return meta(0x51, microseconds.to_bytes(3))
