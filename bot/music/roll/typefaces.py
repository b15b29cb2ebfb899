"""Fonts of this machine for letters that Pillow's own has not: those of most scripts that are written sign by sign."""

import contextlib
import os
import string
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

OWN = frozenset(string.digits + string.ascii_letters + string.punctuation + " «°»´·‘’“”…™")
"""What Pillow's own font has."""

_HOME = Path("~")
# Where a container runs as a number that nobody's name belongs to, there is no home.
with contextlib.suppress(RuntimeError):
    _HOME = Path.home()

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    _HOME / ".fonts",
    _HOME / ".local/share/fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
)

_ENDINGS = {".ttf", ".ttc", ".otf"}

_SCRIPTS = (
    "LATIN", "CYRILLIC", "GREEK", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "ARMENIAN", "GEORGIAN",
    "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "BOPOMOFO",
)  # fmt: skip
"""By the names of their letters. Others run from right to left, or their letters take another form beside each other."""

_OF_SCRIPTS = "LMC"
"""Unicode's categories of letters, of marks on them, and of what only steers them; others stand beside every script."""

_WIDE = ("cjk", "droid", "fallback", "unicode", "gothic", "noto", "dejavu")
"""In a file's name: it has many letters, and is looked at first."""

_STYLED = ("bold", "italic", "oblique", "mono", "serif", "condensed", "light", "thin", "black")

_MOST = 150
"""Files that are looked at: each takes 0.3 ms."""

_NOBODY_S = "\U0010ffff"
"""A sign that no font has: what is drawn in its place stands for every missing one."""

_SIZE = 20


@lru_cache(maxsize=256)
def typeface(text: str) -> str | None:
    """The file of a font that has all letters of `text`; None where there is none, or Pillow's own has them."""
    if OWN.issuperset(text):
        return None
    # Noto's fonts of one script may have no Latin letters; ASCII's punctuation all have.
    wanted = frozenset(sign for sign in text if sign.isalnum() or sign not in OWN)
    if not all(_is_written_alone(sign) for sign in wanted):
        return None
    return next((path for path in _files() if _has(path, wanted)), None)


def forget() -> None:
    """Look for fonts anew at the next text."""
    _files.cache_clear()
    typeface.cache_clear()


def _is_written_alone(sign: str) -> bool:
    if unicodedata.category(sign)[0] not in _OF_SCRIPTS:
        return True
    return unicodedata.name(sign, "").partition(" ")[0] in _SCRIPTS


@cache
def _files() -> tuple[str, ...]:
    def by_promise(path: str) -> tuple[bool, bool, str]:
        name = Path(path).name.lower()
        return not any(word in name for word in _WIDE), any(word in name for word in _STYLED), path

    return tuple(sorted(_found(), key=by_promise)[:_MOST])


def _found() -> Iterator[str]:
    for folder in FOLDERS:
        # What nobody may read is no font of ours.
        with contextlib.suppress(OSError):
            for path in folder.rglob("*"):
                if path.suffix.lower() in _ENDINGS:
                    yield str(path)


def _has(path: str, wanted: frozenset[str]) -> bool:
    from PIL import ImageFont  # noqa: PLC0415 (5 MB, and 30 ms of each start)

    with contextlib.suppress(OSError):
        font = ImageFont.truetype(path, _SIZE)
        missing = bytes(font.getmask(_NOBODY_S))
        return all(bytes(font.getmask(sign)) != missing for sign in wanted if not sign.isspace())
    return False
