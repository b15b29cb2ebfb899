"""Files that are there whole or not at all."""

from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in the place of what was there; a kill in the middle leaves no half of one under its name.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
