"""Names from outside, made fit for a MIDI file, a Discord message and a file name."""

import re
import unicodedata

MAX_CHARACTERS = 64
"""Longer names are cut off by most programs' track lists anyway."""

JOINERS = "\u200c\u200d"
"""Invisible, but Persian and emoji need them."""

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing: fillers of Korean, and the Braille cell without dots."""

_DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)),
}
"""No file on Windows can have one of these names, whatever its ending."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, text direction marks, halves of surrogate pairs, unassigned, line ends: a name has none of them."""


def clean(name: str) -> str:
    """`name` in NFC on one line, without unseen characters, at most 64 characters; empty where nothing would be seen of it."""
    # NFC is slow on long runs of combining marks; what is far beyond the limit cannot matter.
    short = name[: MAX_CHARACTERS * 8]
    seen = (" " if c.isspace() else c for c in short if c.isspace() or _is_seen(c))
    one_line = " ".join("".join(seen).split())
    cleaned = unicodedata.normalize("NFC", one_line)[:MAX_CHARACTERS].strip()
    return cleaned if any(map(is_drawn, cleaned)) else ""


def is_drawn(character: str) -> bool:
    """Whether it is a letter, a number or a sign that people see: not what only joins or marks others."""
    return character not in _BLANK and unicodedata.category(character)[0] in "LNPS"


def _is_seen(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in _UNSEEN


def file_stem(title: str) -> str:
    """`whole_file_stem` for Discord, which drops what is not ASCII and makes `mid` of `ピアノ.mid`: something stays in front."""
    stem = whole_file_stem(title)
    return stem if re.search("[A-Za-z0-9]", stem) else f"song-{stem}"


def whole_file_stem(title: str) -> str:
    """A title as the name of a file that every system takes: letters and digits of any script, `-`, `_`, `.`; 60 at most."""
    plain = unicodedata.normalize("NFC", title)
    # Marks belong to letters: without them Hindi, Thai and Arabic cannot be read.
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" or sign in "._" else "-" for sign in plain)
    stem = re.sub("-+", "-", kept).lstrip("-._")[:60].rstrip("-._") or "song"
    return f"song-{stem}" if stem.partition(".")[0].upper() in _DEVICES else stem
