"""The worker process: one request a line on standard input, one answer a line on standard output, both JSON.

Its arguments are the folder where it may keep what is made once, and how much memory a song may take, in MB.

A request has `do`, `path` and `limit_seconds`. `measure` is answered with `seconds`. `transcribe` has `instrument`,
`drum_kit` and `out` as well, if need be `mix`, `strength` and `kept`, and is answered with nothing once `out` is written. From
what it leaves in `kept` a `tell` with the same fields tells the notes anew without hearing the song again; where that is
not enough it is answered with `unheard`. A song that cannot be done is answered with `error` (words for a person) and
`number`, anything unexpected with `broke` (words for the log).
Each answer may have `log` too, a list of warnings.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from bot.helper import be_modest
from bot.kie.song_errors import NoMemoryForSongError, SongError
from bot.studio.tasks import Strength
from bot.studio.transcriber import decode
from bot.studio.transcriber.heard import NotHeardError, keep, kept
from bot.studio.transcriber.transcribe import Transcriber, Wanted, told


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


def main(cache: Path, song_mb: int) -> None:
    """Answer until standard input ends: when the service is gone, so is the worker."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Whatever a C library prints must not look like an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    be_modest(_held_bytes() + (song_mb << 20))
    told = _Told()
    logging.getLogger().addHandler(told)
    transcriber = Transcriber(cache)
    for line in sys.stdin:
        try:
            answer = _answer(transcriber, json.loads(line))
        except Exception as error:  # noqa: BLE001 - a song may break any library; the service logs it, the next song goes on
            answer = {"broke": repr(error)}
        if warnings := told.take():
            answer["log"] = warnings
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(transcriber: Transcriber, request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    limit_seconds = request["limit_seconds"]
    try:
        if request["do"] == "measure":
            return {"seconds": decode.measure(path, limit_seconds=limit_seconds)}
        wanted = Wanted(
            request["instrument"],
            request["drum_kit"],
            request.get("mix", False),
            Strength(request.get("strength", Strength.USUAL)),
        )
        if request["do"] == "tell":
            heard = kept(Path(request["kept"]))
        else:
            heard = transcriber.hear(path, wanted, limit_seconds=limit_seconds)
            if "kept" in request:
                keep(heard, Path(request["kept"]))
        found = told(heard, wanted)
    except NotHeardError:
        return {"unheard": True}
    except SongError as error:
        return _refused(error)
    except Exception as error:
        # onnxruntime has no class of its own for it.
        if not isinstance(error, MemoryError) and "alloc" not in str(error):
            raise
        return _refused(NoMemoryForSongError())
    _write(Path(request["out"]), found)
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


def _write(out: Path, found: dict[str, Any]) -> None:
    """Whole or not at all: a kill in the middle leaves no half result."""
    part = out.with_suffix(".part")
    part.write_text(json.dumps(found, separators=(",", ":")), encoding="utf-8")
    part.replace(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
