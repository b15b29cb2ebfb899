"""The worker process: one request a line on standard input, one answer a line on standard output.

{"do": "measure", "path", "limit_seconds"}                                -> {"seconds"}
{"do": "transcribe", "path", "limit_seconds", "instrument", "drum_kit", "out"} -> {} once `out` is written
a song that cannot be done                                                -> {"error", "number"}
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from bot.studio.errors import SongError
from bot.studio.transcriber import decode
from bot.studio.transcriber.transcribe import Transcriber

POLITENESS = 10
"""The bot answers people meanwhile; its loop goes first on a shared core."""

MOST_MEMORY_BYTES = 3 << 30
"""30 minutes of music need some 400 MB, four hours 2 GB; a hostile file gets an error where it would take the machine."""


def main() -> None:
    """Answer until standard input ends: when the service is gone, so is the worker."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Whatever a C library prints must not look like an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.nice(POLITENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY_BYTES, resource.RLIM_INFINITY))
    transcriber = Transcriber()
    for line in sys.stdin:
        try:
            answer = _answer(transcriber, json.loads(line))
        except Exception as error:  # noqa: BLE001 - a song may break any library; the service logs it, the next song goes on
            answer = {"broke": repr(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(transcriber: Transcriber, request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    limit_seconds = request["limit_seconds"]
    try:
        if request["do"] == "measure":
            return {"seconds": decode.measure(path, limit_seconds=limit_seconds)}
        found = transcriber.transcribe(
            path,
            instrument=request["instrument"],
            drum_kit=request["drum_kit"],
            limit_seconds=limit_seconds,
        )
    except SongError as error:
        return {"error": error.sentence, "number": error.number}
    _write(Path(request["out"]), found)
    return {}


def _write(out: Path, found: dict[str, Any]) -> None:
    """Whole or not at all: a kill in the middle leaves no half result."""
    part = out.with_suffix(".part")
    part.write_text(json.dumps(found, separators=(",", ":")), encoding="utf-8")
    part.replace(out)


if __name__ == "__main__":
    main()
