"""`pianola try`: one song through the whole program, with no browser."""

import argparse
import asyncio
import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot import app
from bot.errors import SettingsError
from bot.playground import require_playground
from bot.settings import Settings
from bot.terminal import complain, tell

_SONGS = {".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mid"}
"""Endings by which a folder's songs are found, to name one."""


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


def _beside(songs: Sequence[Path]) -> Path:
    """The folder of the song, or this one where there is none, or none may be written there."""
    for song in songs:
        if os.access(song.parent, os.W_OK | os.X_OK):
            return song.parent
    return Path()


def make_directory(out: Path) -> None:
    """Before the work: minutes of it would be lost if its result could not be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out: {out} cannot be written ({error.strerror})") from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise SettingsError(f"--out: {out} cannot be written")


async def attempt(settings: Settings, given: argparse.Namespace) -> int:
    require_playground()
    # They need simcord.
    from bot.playground import headless  # noqa: PLC0415 (see above)
    from bot.playground.world import simulated  # noqa: PLC0415 (see above)

    if me := asyncio.current_task():
        # Ended by SIGTERM it leaves as it does by Ctrl+C: nothing behind, no studio at work.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    progress = headless.progress_line()
    progress("starting …")
    # A database of its own: it may run beside a bot, and leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix="pianola-try-") as data_dir:
        own = settings.model_copy(update={"data_dir": Path(data_dir)})
        async with app.run(own, simulated, host="127.0.0.1", port=0, always_sync=True) as running:
            world = running.discord
            try:
                asked = await headless.ask(world, given.songs, given.task_id, given.stem)
                agreed = headless.Agreed(on_track=given.track, to_price=given.yes)
                message = await headless.answer(world, running.store, asked, progress, agreed)
                if given.out:
                    await headless.save(message, given.out)
                    saved = f"Saved in {given.out}"
                else:
                    files = await headless.save_files(message, _beside(given.songs))
                    saved = "\n".join(f"Saved {file}" for file in files)
            except headless.NothingDeliveredError as error:
                progress("")
                complain(str(error))
                return 1
            progress("")
            tell(f"{headless.as_read(message)}\n\n{saved}")
    return 0
