"""`python -m bot.sound`: a MIDI file on standard input, an Ogg file on standard output.

A process of its own, because the synthesizer holds the interpreter's lock for as long as it plays, and takes 70 MB.
"""

import os
import sys
from pathlib import Path

import msgspec

from bot.modest import be_modest
from bot.sound.engines import engines
from bot.sound.original import original, side_by_side
from bot.sound.pcm import SAMPLE_RATE, finished
from bot.sound.request import Request

_MOST_BYTES = 700 << 20
"""Ten minutes of sound take 540 MB with a recording beside it, half a minute takes 105; a hostile one is to take no more."""


def main() -> None:
    """Render, finish, encode."""
    request = msgspec.json.decode(sys.argv[1], type=Request)
    be_modest(None if request.original is None else _MOST_BYTES)
    found = engines(Path(request.sound_font) if request.sound_font else None)
    pcm = found.synthesizer.render(sys.stdin.buffer.read(), round(request.seconds * SAMPLE_RATE))
    if request.original is not None:
        with os.fdopen(request.original, "rb") as file:
            file.seek(0)
            pcm = side_by_side(original(file, request.original_start_seconds, len(pcm)), pcm)
    pcm = finished(pcm, fade_in_seconds=request.fade_in_seconds, fade_out_seconds=request.fade_out_seconds)
    sys.stdout.buffer.write(found.encoder.encode(pcm))


if __name__ == "__main__":
    main()
