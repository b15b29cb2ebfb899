"""File names from outside, made fit for a message, a form and a disk."""

import unicodedata
from email.message import Message
from urllib.parse import unquote

LONGEST_NAME = 100
_LONGEST_SUFFIX = 8
_UNFIT = frozenset('`<>:"|?*')

_JOINERS = "\u200c\u200d"
"""Persian words and emoji fall apart without them."""


def file_name(given: str, *, fallback: str = "song") -> str:
    """The last part of `given` in at most 100 characters, its suffix kept, without what hurts in a path or in markup."""
    base = unicodedata.normalize("NFC", given.replace("\\", "/")).rpartition("/")[2]
    shown = "".join(" " if _is_unfit(sign) else sign for sign in base)
    name = " ".join(shown.split()).strip(". ")
    if len(name) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        ending = dot + suffix if stem and len(suffix) <= _LONGEST_SUFFIX else ""
        name = name[: LONGEST_NAME - len(ending)].rstrip(". ") + ending
    return name or fallback


def name_of_download(disposition: str, path: str) -> str:
    """The name in a Content-Disposition header, else the last part of the address's path."""
    header = Message()
    header["Content-Disposition"] = _text(disposition.encode("utf-8", "surrogateescape"))
    given = header.get_param("filename", header="content-disposition")
    if isinstance(given, tuple):
        # With the name of its encoding, which can be any that Python knows, codecs that raise what they like among
        # them. RFC 5987 has two.
        given = _text(given[2].encode("latin-1", "replace"))
    return file_name(given or unquote(path))


def _is_unfit(sign: str) -> bool:
    return sign in _UNFIT or (unicodedata.category(sign)[0] in "CZ" and sign not in _JOINERS)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
