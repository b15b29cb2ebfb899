"""`pianola try`: one song through the whole program, with no browser."""

import asyncio
import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InstrumentNotKnownError, SettingsError
from bot.jobs.storage.store import Store
from bot.music.said import instrument_meant
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


def check(wish: Wish, *, knows_stems: bool) -> None:
    """See what can be seen before any work; `knows_stems`: the `stem` of a song can only be an instrument.

    Raises:
        SettingsError: there is nothing to be tried.
    """
    songs, stem = wish.songs, wish.stem
    if bool(songs) == bool(wish.task_id):
        raise SettingsError("try wants either audio files or a --task-id")
    for song in songs:
        try:
            _check(song, is_alone=len(songs) == 1)
        except OSError as error:
            raise SettingsError(f"{song} cannot be read ({error.strerror})") from error
    if songs and wish.agreed.on_track:
        raise SettingsError(
            "--track goes with the --task-id of a piece of music: a file has no tracks to choose from"
        )
    if len(songs) > 1 and stem:
        raise SettingsError("--stem says what one song is; several files are told by their names")
    if songs and stem and knows_stems and instrument_meant(stem) is None:
        unknown = InstrumentNotKnownError(name=stem.replace("`", "'"))
        raise SettingsError(f"--stem: {unknown.sentence}")


def _check(song: Path, *, is_alone: bool) -> None:
    if re.match("https?:/", str(song), re.IGNORECASE):
        raise SettingsError("try takes files, no links: download the song first, and give its file")
    if song.is_dir():
        raise SettingsError(f"{song} is a folder; name the files in it, such as {_example_in(song)}")
    if not song.exists():
        raise SettingsError(f"there is no file {song}")
    if not song.is_file():
        raise SettingsError(f"{song} is no ordinary file; give an audio file or a .mid")
    with song.open("rb") as file:
        if file.read(len(_MIDI)) == _MIDI and not is_alone:
            raise SettingsError(f"{song} is a MIDI file; try one of those at a time, and no audio beside it")


_MIDI = b"MThd"


def _example_in(folder: Path) -> Path:
    """A song of a folder, or what one could be called."""
    try:
        return min(path for path in folder.iterdir() if path.suffix.lower() in _SONGS)
    except (OSError, ValueError):
        return folder / "song.mp3"


@contextmanager
def folder_for(wish: Wish) -> Iterator[Path]:
    """Where the results go, which may be written: minutes of work would be lost if they could not be.

    What was made for them and is empty when the block is left is taken away.

    Raises:
        SettingsError: nothing may be written there.
    """
    if wish.out:
        new = [folder for folder in (wish.out, *wish.out.parents) if not folder.exists()]
        try:
            yield _made(wish.out)
        finally:
            for folder in new:
                with suppress(OSError):  # it is not empty
                    folder.rmdir()
        return
    # Beside the song, or here where there is none, or none may be written there.
    places = (*(song.parent for song in wish.songs), Path())
    found = next((folder for folder in places if _is_open(folder)), None)
    if found is None:
        raise SettingsError(f"{Path.cwd()} cannot be written; give another folder as --out")
    yield found


def _made(out: Path) -> Path:
    blocking = next((place for place in (out, *out.parents) if place.exists() and not place.is_dir()), None)
    if blocking:
        raise SettingsError(f"--out: {blocking} is a file, not a folder")
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
                job = await store.newest_of(world.person.id)
                files = await headless.save(
                    message,
                    folder,
                    title=job.title if job else "",
                    with_reply=wish.out is not None,
                )
                saved = "\n".join(f"Saved {file}" for file in files)
            finally:
                progress("")
            tell(f"{headless.as_read(message)}\n\n{saved}")
