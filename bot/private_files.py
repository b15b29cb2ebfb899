"""Folders and files that nobody but their owner can read."""

import contextlib
import os
from pathlib import Path

_FOR_OTHERS = 0o077

_OURS = ("pianola.", "studio", "lost+found")
"""What the names of all that lies in a data directory begin with."""


def private_folder(folder: Path) -> None:
    """Make a folder for its owner alone; one that is there is closed to others where nothing but ours lies in it.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & _FOR_OTHERS and all(path.name.startswith(_OURS) for path in folder.iterdir()):
        # A mounted disk may belong to somebody else; the files in it are closed by themselves.
        with contextlib.suppress(PermissionError):
            folder.chmod(0o700)


def private_file(path: Path) -> None:
    """Make a file for its owner alone, or close one that is there to others. SQLite makes those beside it alike.

    Raises:
        OSError: it cannot be made or written.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & _FOR_OTHERS:
        path.chmod(0o600)
