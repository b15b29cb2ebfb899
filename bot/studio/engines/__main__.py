"""The worker process: one request a line on standard input, one answer a line on standard output, both JSON.

Its arguments are the folder where it may keep what is made once, how much memory a song may take, in MB, and if need be
the address of a MuScriptor server, which then is the engine.

A request to hear has `do`, `path` and `limit_seconds`. `measure` is answered with `seconds`. `transcribe` has `instrument`,
`drum_kit` and `out` as well, if need be `seconds`, `mix`, `strength` and `kept`, and is answered with nothing once `out` is
written. From what it leaves in `kept` a `tell` without `path` and `limit_seconds` tells the notes anew without hearing the song again;
where that is not enough it is answered with `unheard`. A song that cannot be done is answered with `error` (words for a
person) and `number`, anything unexpected with `broke` (words for the log). A process that holds too much memory for another
song says that it is `spent`. Each answer may have `log` too, a list of warnings. Before it come lines of `progress`, 0..1, at most one a second.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from bot.kie.song_errors import NoMemoryForSongError, SongError
from bot.kie.strength import Strength
from bot.modest import be_modest, is_want_of_memory
from bot.studio.engine import Engine, NotHeardError, Progress, Song, Wanted
from bot.studio.engines.built_in import BuiltIn
from bot.studio.transcriber import decode
from bot.studio.whole import write_whole

PROGRESS_SECONDS: Final = 1.0


class _Told(logging.Handler):
    """Keeps warnings for the next answer: the service has the program's log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def take(self) -> list[str]:
        """What was told since the last time."""
        lines, self._lines = self._lines, []
        return lines


class _Answers:
    """Writes answers, and progress now and then."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._told_at = 0.0

    def progress(self, share: float) -> None:
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_SECONDS:
            self._told_at = now
            self.write({"progress": round(share, 3)})

    def write(self, answer: dict[str, Any]) -> None:
        self._out.write(json.dumps(answer) + "\n")
        self._out.flush()


def main(cache: Path, song_mb: int, engine_url: str | None) -> None:
    """Answer until standard input ends: when the service is gone, so is the worker."""
    answers = _Answers(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    # Whatever a C library prints must not look like an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    engine = _engine(cache, engine_url)
    held = _held_bytes()
    be_modest(held + (song_mb << 20))
    told = _Told()
    logging.getLogger().addHandler(told)
    for line in sys.stdin:
        try:
            answer = _answer(engine, json.loads(line), answers.progress)
        except Exception as error:  # noqa: BLE001 - a song may break any library; the service logs it, the next song goes on
            answer = {"broke": repr(error)}
        # What a song took and does not give back, the next one would lack: the system's allocator keeps much of it.
        if _held_bytes() - held > song_mb << 19 or answer == _refused(NoMemoryForSongError()):
            answer["spent"] = True
        if warnings := told.take():
            answer["log"] = warnings
        answers.write(answer)


def _engine(cache: Path, url: str | None) -> Engine:
    if url is None:
        return BuiltIn(cache)
    # It brings an HTTP client along, 20 MB that the built-in engine does not need.
    from bot.studio.engines.muscriptor import MuScriptor  # noqa: PLC0415 (see above)

    return MuScriptor(url, cache)


def _answer(engine: Engine, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    try:
        if request["do"] == "measure":
            return {"seconds": decode.measure(Path(request["path"]), limit_seconds=request["limit_seconds"])}
        wanted = Wanted(
            request["instrument"],
            request["drum_kit"],
            request.get("mix", False),
            Strength(request.get("strength", Strength.USUAL)),
        )
        kept = Path(request["kept"]) if "kept" in request else None
        if request["do"] == "tell" and kept:
            found = engine.told_anew(kept, wanted)
        else:
            song = Song(Path(request["path"]), request["limit_seconds"], request.get("seconds", 0.0))
            found = engine.transcribe(song, wanted, progress, kept=kept)
    except NotHeardError:
        return {"unheard": True}
    except Exception as error:
        if is_want_of_memory(error):
            return _refused(NoMemoryForSongError())
        if isinstance(error, SongError):
            return _refused(error)
        raise
    # json would hold each sign of it as a text of its own first: 20 MB for 20 minutes.
    write_whole(Path(request["out"]), msgspec.json.encode(found))
    return {}


def _refused(error: SongError) -> dict[str, Any]:
    return {"error": error.sentence, "number": error.number}


def _held_bytes() -> int:
    """What the libraries hold before the first song: more where there are more cores, for buffers that stay empty."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        # Only Linux counts what is mapped, and so holds anybody to the limit.
        return 1 << 30
    return int(status.partition("VmData:")[2].split()[0]) << 10


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
