"""`python -m bot.sound`: a MIDI file on standard input, an Ogg file on standard output.

A process of its own, because the synthesizer holds the interpreter's lock for as long as it plays, and takes 70 MB.
"""

import sys
from pathlib import Path

import msgspec

from bot.helper import be_modest
from bot.sound.engines import engines
from bot.sound.pcm import SAMPLE_RATE, finished
from bot.sound.request import Request


def main() -> None:
    """Render, finish, encode."""
    be_modest()
    request = msgspec.json.decode(sys.argv[1], type=Request)
    found = engines(Path(request.sound_font) if request.sound_font else None)
    pcm = found.synthesizer.render(sys.stdin.buffer.read(), round(request.seconds * SAMPLE_RATE))
    pcm = finished(pcm, fade_in_seconds=request.fade_in_seconds, fade_out_seconds=request.fade_out_seconds)
    sys.stdout.buffer.write(found.encoder.encode(pcm))


if __name__ == "__main__":
    main()
