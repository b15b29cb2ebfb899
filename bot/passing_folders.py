"""Folders that end with the process that made them, however that ends."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

_TRIES: Final = 10
"""A sweep of another process that begins between the making of a folder and its lock takes it away; each next try meets
another sweep or none, and there is one at the start of a process."""


@contextlib.asynccontextmanager
async def passing_folder_aside(prefix: str) -> AsyncIterator[Path]:
    """A `passing_folder` that is made and taken away in a thread, also where this is cancelled meanwhile."""
    stack = contextlib.ExitStack()
    making = asyncio.create_task(
        asyncio.to_thread(stack.enter_context, passing_folder(prefix)), name="passing folder"
    )
    try:
        yield await asyncio.shield(making)
    finally:
        # No cancel ends a thread.
        await asyncio.wait([making])
        await asyncio.to_thread(stack.close)


@contextlib.contextmanager
def passing_folder(prefix: str) -> Iterator[Path]:
    """An empty folder for its owner alone, there until the block is left; `sweep` takes it away after a kill.

    Raises:
        OSError: it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        folder = _made(prefix, stack)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def _made(prefix: str, stack: contextlib.ExitStack) -> Path:
    """A new folder whose lock is held until `stack` is left."""
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        with contextlib.suppress(OSError):  # what cannot be made at all, mkdtemp says
            stack.enter_context(_locked(folder))
            return folder
    raise FileNotFoundError(f"{prefix}*: other processes took away {_TRIES} folders")


def sweep(prefix: str) -> None:
    """Take away what killed processes left: nobody holds a lock on it. Others' folders stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError), _locked(folder):
            if folder.stat().st_uid == os.getuid():
                shutil.rmtree(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have gone between the two, and a lock on nothing is had at once.
        folder.stat()
        yield
    finally:
        os.close(descriptor)
