"""Names from outside, made fit for a MIDI file, a Discord message and a file name."""

import re
import unicodedata

MAX_CHARACTERS = 64
"""Longer names are cut off by most programs' track lists anyway."""

_JOINERS = "\u200c\u200d"
"""Invisible, but Persian and emoji need them."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, text direction marks, halves of surrogate pairs, unassigned, line ends: a name has none of them."""


def clean(name: str) -> str:
    """`name` in NFC on one line, without unseen characters, at most 64 characters; may come out empty."""
    # NFC is slow on long runs of combining marks; what is far beyond the limit cannot matter.
    short = name[: MAX_CHARACTERS * 8]
    seen = (" " if c.isspace() else c for c in short if c.isspace() or _is_seen(c))
    one_line = " ".join("".join(seen).split())
    return unicodedata.normalize("NFC", one_line)[:MAX_CHARACTERS].strip()


def _is_seen(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSEEN


def decoded(raw: bytes) -> str:
    """A name out of a MIDI file, which does not say its encoding: UTF-8, Shift-JIS or Windows' Latin letters."""
    for encoding in ("utf-8", "cp932", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Latin words with accents can be read as Shift-JIS too, with a character of it here and there.
        wide = sum(sign > "\x7f" for sign in text)
        if encoding != "cp932" or (2 * wide >= len(text) and all(map(_is_seen, text))):
            return clean(text)
    return clean(raw.decode("latin-1"))


def file_stem(name: str) -> str:
    """`name` as the stem of a file name that every system takes: letters, digits and single dashes."""
    plain = unicodedata.normalize("NFC", clean(name)).casefold()
    return re.sub(r"[^\w]+|_+", "-", plain).strip("-") or "untitled"
