"""A song's title as the name of its files."""

import re
import unicodedata

_DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)),
}
"""No file on Windows can have one of these names, whatever its ending."""


def file_stem(title: str) -> str:
    """A title as the name of a file that every system takes: letters and digits of any script, `-`, `_`, `.`; 60 at most."""
    plain = unicodedata.normalize("NFC", title)
    # Marks belong to letters: without them Hindi, Thai and Arabic cannot be read.
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" or sign in "._" else "-" for sign in plain)
    stem = re.sub("-+", "-", kept).lstrip("-._")[:60].rstrip("-._") or "song"
    return f"song-{stem}" if stem.partition(".")[0].upper() in _DEVICES else stem
