"""Files that are there whole or not at all: a run may be ended at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place at `path` once all is in it."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        yield file
    part.replace(path)
