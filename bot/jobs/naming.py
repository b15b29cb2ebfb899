"""What the files of one song are called: the song by what they share, each part by what is its own."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

from bot.music.names import clean, is_drawn

_BETWEEN = " -_.–—([{"
"""Stands between a song's name and a stem's: `Night Drive - bass.wav`, `Night Drive (bass).wav`."""

_NO_TITLE = re.compile(r"(audio ?)?track ?\d*|untitled.*|unknown.*|<unknown>|\d+", re.IGNORECASE)
_NOBODY = re.compile(r"unknown.*|<unknown>|various( artists)?|untitled", re.IGNORECASE)

_CLOSING = {")": "(", "]": "[", "}": "{"}


def song_title(file_names: Sequence[str]) -> str:
    """The name of a single file without its ending; of several, what they begin with together."""
    stems = [_stem(name) for name in file_names]
    if len(stems) == 1:
        return stems[0]
    return _shared(stems).strip(_BETWEEN) or "song"


def tagged_title(title: str, artist: str) -> str:
    """What a file's own tags call it; empty where they have no title, or what a program writes for want of one."""
    title, artist = clean(title), clean(artist)
    if not title or _NO_TITLE.fullmatch(title):
        return ""
    return title if not artist or _NOBODY.fullmatch(artist) else f"{artist} - {title}"


def part_names(file_names: Sequence[str]) -> list[str]:
    """The names of a song's stems, without the song's own where each has one of its own left."""
    stems = [_stem(name) for name in file_names]
    shared = _shared(stems)
    # Only a beginning that ends at a gap is the song's name: `bass` and `bassoon` share none.
    if not shared or shared[-1] not in _BETWEEN:
        return stems
    own = [_without_half_a_bracket(stem.removeprefix(shared).strip(_BETWEEN)) for stem in stems]
    return own if all(own) else stems


def folded(text: str) -> str:
    """A text as it is searched: one case, one spelling of each letter, and nothing that a database refuses."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain.replace("\0", "").encode(errors="ignore").decode()


def _stem(file_name: str) -> str:
    """A file's name without its ending, and never one that nobody would see."""
    stem = PurePath(file_name).stem
    return stem if any(map(is_drawn, stem)) else "song"


def _without_half_a_bracket(name: str) -> str:
    """`bass)` loses its bracket, whose other half went with the song's name; `Bass (finger)` keeps it."""
    opening = _CLOSING.get(name[-1:])
    return name[:-1].rstrip() if opening and opening not in name else name


def _shared(names: Sequence[str]) -> str:
    letters = itertools.takewhile(lambda same: len(set(same)) == 1, zip(*names, strict=False))
    return "".join(letter for letter, *_ in letters)
