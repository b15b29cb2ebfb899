"""What in a name can name an instrument: all of it, what is in brackets, or what is behind the last separator.

A word within a title is none: "Tom Sawyer" is no drum, and "All About That Bass" no bass.
"""

import re
import unicodedata
from collections.abc import Iterator

FILLING = frozenset(
    [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h",
        "l",
        "r",
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "in",
        "for",
        "my",
        "track",
        "part",
        "stem",
        "stems",
        "take",
        "loop",
        "loops",
        "bar",
        "bars",
        "solo",
        "mix",
        "mixed",
        "mono",
        "stereo",
        "left",
        "right",
        "dry",
        "wet",
        "final",
        "fx",
        "raw",
        "bounce",
        "high",
        "low",
        "hi",
        "lo",
        "upper",
        "lower",
        "hand",
        "rh",
        "lh",
        "top",
        "mid",
        "main",
        "dub",
        "double",
        "new",
        "old",
        "v",
        "bpm",
        "bb",
        "eb",
        "live",
        "clean",
        "pizz",
        "arco",
        "legato",
        "staccato",
        "midi",
        "audio",
        "wav",
        "spur",
        "piste",
        "pista",
        "faixa",
        "links",
        "recht",
        "gauche",
        "droite",
        "izquierda",
        "derecha",
        "esquerda",
        "direita",
        "copy",
        "kopie",
        "copie",
        "copia",
    ]
)
"""Words beside an instrument's name that do not make a title of it: which take, side, hand or key it is."""

_BRACKETS = re.compile(r"[(\[{（【「]([^()\[\]{}（）【】「」]*)[)\]}）】」]")
_SEPARATORS = re.compile(r"[\s_]+[-–—|·:]+[\s_]+|__+|[|·]+|\s*[–—:]\s*")
_ID = re.compile(r"(?=\D*\d)[0-9a-f]{6,}", re.IGNORECASE)
_JOINTS = re.compile(r"_+")
_NO_TITLE = FILLING | {
    "song",
    "audio",
    "file",
    "export",
    "untitled",
    "recording",
    "session",
    "project",
    "master",
}


def candidates(name: str) -> Iterator[list[str]]:
    """The words that may name an instrument, the likeliest first; filling words are left out."""
    seen: list[list[str]] = []
    bare = _BRACKETS.sub(" ", name)
    for text in (name, *reversed(_BRACKETS.findall(name)), bare, _last(bare)):
        found = words(text)
        for kept in (found, _without_filling(found)):
            if kept and kept not in seen:
                seen.append(kept)
                yield kept


def _last(name: str) -> str:
    """What is behind the last separator, or the one before where that only fills: the `piano` of `Night - piano - 01`."""
    parts = _parts(name.strip())
    return next((part for part in reversed(parts) if _without_filling(words(part))), "")


def _parts(name: str) -> list[str]:
    """A lone _ stands for a space in most names (`All_About_That_Bass`): it separates only beside real spaces, or behind no title."""
    found = _SEPARATORS.split(name)
    if len(found) > 1:
        return found
    joined = [part for part in _JOINTS.split(name) if part]
    naming = next((at for at in reversed(range(len(joined))) if _without_filling(words(joined[at]))), 0)
    is_titled = any(map(_is_title, joined[:naming]))
    return joined if " " in name or not is_titled else found


def _is_title(part: str) -> bool:
    """Whether it may be of a title: no number, no id, and no word that says nothing."""
    return not _ID.fullmatch(part) and any(
        word not in _NO_TITLE and not word.isdecimal() for word in words(part)
    )


def words(name: str) -> list[str]:
    """The words of a name: lower-case, in the singular, without the accents of Latin letters."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name[:400])
    plain = _without_accents(unicodedata.normalize("NFKC", spaced).casefold())
    return [_singular(word) for word in re.findall(r"[^\W\d_]+|\d+", plain)]


def _without_filling(found: list[str]) -> list[str]:
    # "808" is an instrument; of other numbers it is the take that they say.
    return [word for word in found if word not in FILLING and (not word.isdecimal() or word == "808")]


def _without_accents(text: str) -> str:
    kept: list[str] = []
    for sign in text:
        base = unicodedata.normalize("NFD", sign)[0]
        kept.append(base if base.isascii() else sign)
    return "".join(kept)


def _singular(word: str) -> str:
    """Drop a plural's s: "drums" becomes "drum"; "bass", "brass" and "sus" stay."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
