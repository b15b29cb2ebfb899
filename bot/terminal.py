"""What is printed for people: signs that a terminal would obey are shown as what they are."""

import sys
import unicodedata
from typing import TextIO

_OBEYED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Kinds of signs that are no writing: controls, marks of direction, halves of characters, nothing, ends of lines."""

_JOINERS = "\u200c\u200d"
"""They stand inside of words and of emoji."""


def shown(text: str, *, keeps_lines: bool = True) -> str:
    r"""Without escapes and marks that turn the direction of reading: U+202E becomes `\u202e`."""
    if text.isprintable():
        return text
    kept = _JOINERS + ("\n" if keeps_lines else "")
    return "".join(
        ascii(sign)[1:-1] if unicodedata.category(sign) in _OBEYED and sign not in kept else sign
        for sign in text
    )


def tell(text: str, *, stream: TextIO | None = None) -> None:
    """Print something; names and errors in it may come from anywhere."""
    stream = stream or sys.stdout
    stream.write(f"{shown(text)}\n")
    stream.flush()


def complain(text: str) -> None:
    """Print what went wrong."""
    tell(text, stream=sys.stderr)
