"""File names from outside, made fit for a message, a form and a disk."""

import unicodedata

LONGEST_NAME = 100
_LONGEST_SUFFIX = 8
_UNFIT = frozenset('`<>:"|?*')


def file_name(given: str, *, fallback: str = "song") -> str:
    """The last part of `given` in at most 100 characters, its suffix kept, without what hurts in a path or in markup."""
    base = unicodedata.normalize("NFC", given.replace("\\", "/")).rpartition("/")[2]
    shown = "".join(" " if sign in _UNFIT or unicodedata.category(sign)[0] in "CZ" else sign for sign in base)
    name = " ".join(shown.split()).strip(". ")
    if len(name) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        ending = dot + suffix if stem and len(suffix) <= _LONGEST_SUFFIX else ""
        name = name[: LONGEST_NAME - len(ending)].rstrip(". ") + ending
    return name or fallback
