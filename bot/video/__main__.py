"""`python -m bot.video`: a `Film` pickled on standard input, an mp4 file on standard output, percents on standard error.

A process of its own: drawing and encoding take a core for seconds, and 130 MB.
"""

import pickle
import sys
import time
from pathlib import Path

from bot.modest import be_modest
from bot.music.write.encode import encode
from bot.sound.engines import engines
from bot.sound.liveliest import LEAD_SECONDS
from bot.sound.pcm import SAMPLE_RATE, Pcm, finished
from bot.video.errors import VideoError
from bot.video.frames import count_of, frames
from bot.video.mp4 import Rates, encoder
from bot.video.request import Film
from bot.video.shot import Shot

MOST_BYTES = 768 * 1024 * 1024
"""Of memory: five minutes take 260 MB, and what asks for more is no song."""

_FADE_OUT_SECONDS = 0.5
_TOLD_EVERY_SECONDS = 0.5


def main() -> None:
    """Play, draw, encode."""
    be_modest(MOST_BYTES)
    film: Film = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the bot itself
    chosen = encoder()
    if chosen is None:
        raise VideoError("no encoder is installed")
    rates = Rates.within(film.most_bytes, film.shot.seconds)
    pcm = _sound(film.shot, Path(film.sound_font) if film.sound_font else None)
    sys.stdout.buffer.write(chosen.encode(frames(film.shot), pcm, rates, _Teller(count_of(film.shot))))


class _Teller:
    """Says now and then how much is done."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._told = time.monotonic()

    def __call__(self, number: int) -> None:
        """The frame of this number is done."""
        if time.monotonic() - self._told >= _TOLD_EVERY_SECONDS:
            self._told = time.monotonic()
            sys.stderr.write(f"{round(100 * number / self._count)}\n")
            sys.stderr.flush()


def _sound(shot: Shot, font: Path | None) -> Pcm:
    """As the preview of the same part sounds."""
    samples = round(shot.seconds * SAMPLE_RATE)
    pcm = engines(font).synthesizer.render(encode(shot.heard, title=""), samples)
    return finished(
        pcm,
        fade_in_seconds=LEAD_SECONDS if shot.start_seconds else 0.0,
        fade_out_seconds=min(_FADE_OUT_SECONDS, shot.seconds / 2),
    )


if __name__ == "__main__":
    main()
