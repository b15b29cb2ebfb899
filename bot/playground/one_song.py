"""`pianola try`: one song through the whole program, with no browser."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError
from bot.jobs.storage.store import Store
from bot.playground import headless
from bot.playground.world import World
from bot.terminal import tell

Open = Callable[[Path], AbstractAsyncContextManager[tuple[World, Store]]]
"""Opens a whole Pianola, whose data go into a folder."""

_SONGS = {".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mid"}
"""Endings by which a folder's songs are found, to name one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be tried: songs or a task of kie.ai, and where what comes of it is written (None: beside the song)."""

    songs: Sequence[Path]
    task_id: str | None
    stem: str | None
    out: Path | None
    agreed: headless.Agreed


def check(songs: Sequence[Path], task_id: str | None) -> None:
    """See what can be seen before any work.

    Raises:
        SettingsError: there is nothing to be tried.
    """
    if bool(songs) == bool(task_id):
        raise SettingsError("try wants either audio files or a --task-id")
    for song in songs:
        if song.is_dir():
            raise SettingsError(f"{song} is a folder; name the files in it, such as {_example_in(song)}")
        if not song.is_file():
            raise SettingsError(f"there is no file {song}")
        if not os.access(song, os.R_OK):
            raise SettingsError(f"{song} cannot be read")


def _example_in(folder: Path) -> Path:
    """A song of a folder, or what one could be called."""
    try:
        return min(path for path in folder.iterdir() if path.suffix.lower() in _SONGS)
    except (OSError, ValueError):
        return folder / "song.mp3"


def folder_for(wish: Wish) -> Path:
    """Where the results go, which may be written: minutes of work would be lost if they could not be.

    Raises:
        SettingsError: nothing may be written there.
    """
    if wish.out:
        return _made(wish.out)
    # Beside the song, or here where there is none, or none may be written there.
    for folder in (*(song.parent for song in wish.songs), Path()):
        if _is_open(folder):
            return folder
    raise SettingsError(f"{Path.cwd()} cannot be written; give another folder as --out")


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out: {out} cannot be written ({error.strerror})") from error
    if not _is_open(out):
        raise SettingsError(f"--out: {out} cannot be written")
    return out


def _is_open(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


async def attempt(wish: Wish, folder: Path, opened: Open) -> None:
    """Do it, and tell the answer and where its files are in `folder`.

    Raises:
        NothingDeliveredError: there is no result; the message says why.
        SettingsError: the results cannot be written.
    """
    if me := asyncio.current_task():
        # Ended by SIGTERM it leaves as it does by Ctrl+C: nothing behind, no studio at work.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    progress = headless.progress_line()
    progress("starting …")
    # A database of its own: it may run beside a bot, and leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix="pianola-try-") as data_dir:
        async with opened(Path(data_dir)) as (world, store):
            try:
                asked = await headless.ask(world, wish.songs, wish.task_id, wish.stem)
                message = await headless.answer(world, store, asked, progress, wish.agreed)
                if wish.out:
                    await headless.save(message, folder)
                    saved = f"Saved in {folder}"
                else:
                    files = await headless.save_files(message, folder)
                    saved = "\n".join(f"Saved {file}" for file in files)
            finally:
                progress("")
            tell(f"{headless.as_read(message)}\n\n{saved}")
