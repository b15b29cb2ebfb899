"""`python -m bot.score picture|pdf`: MusicXML on standard input, a PNG or a PDF on standard output.

A process of its own, because the engraver holds the interpreter's lock, and takes 100 MB.
"""

import sys

from bot.modest import be_modest
from bot.score.pages import pdf, picture

_MOST_BYTES = 512 * 1024**2
"""A band's song of five minutes takes half of it."""


def main() -> None:
    """Engrave and paint."""
    be_modest(_MOST_BYTES)
    make = {"picture": picture, "pdf": pdf}[sys.argv[1]]
    sys.stdout.buffer.write(make(sys.stdin.buffer.read().decode()))


if __name__ == "__main__":
    main()
