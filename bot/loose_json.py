"""What others write instead of JSON's numbers (`.5`, `+1`, `1.`, `NaN`), made JSON, so that it costs no more than itself."""

import codecs
import math
import re

import msgspec

_END = rb"(?=\s*+(?:[\[\]{},:\"]|\Z))"
_STRICT = rb"(?:-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)" + _END
# At most so many at once: the interpreter is no one else's while it looks.
_SOUND = re.compile(rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\s\[\]{},:]++|' + _STRICT + rb"){1,20000}+", re.DOTALL)
_BARE = re.compile(rb'[^\s\[\]{},:"][^\[\]{},:"]*')

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_LONGEST_NUMBER = 64
"""Characters; a double needs 24."""

_MOST_BARE = 500_000
"""Four for each of 100 000 notes and some; they take 4 s."""

_FLAT = re.compile(rb"\{[^{}]*\}")
_ANY = msgspec.json.Decoder(msgspec.Raw)


def number(text: str) -> float | None:
    """The number that `text` spells, in JSON's way or nearly; None where it is none, or endless."""
    bare = text.strip()  # of separators such as \x1c too, which float does not take
    if len(bare) > _LONGEST_NUMBER or not _NUMBER.fullmatch(bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) else None


def mended(document: bytes) -> bytes:
    """`document` with numbers in the place of what nearly is one, and null in that of other bare words.

    A note that even then is no JSON becomes null too. 100 000 notes take a third of a second, and one where all are odd.
    """
    document = document.removeprefix(codecs.BOM_UTF8).strip()
    if not document.startswith((b"{", b"[")):
        return document
    return _FLAT.sub(_note_or_null, b"".join(_pieces(document)))


def _pieces(document: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    at = bares = 0
    while at < len(document):
        if found := _SOUND.match(document, at):
            pieces.append(found[0])
        elif (found := _BARE.match(document, at)) and bares < _MOST_BARE:
            bares += 1
            is_key = document[found.end() : found.end() + 1] == b":"
            pieces.append(_written(found[0].strip(), is_key=is_key))
        else:
            # A string without an end, or an end of patience.
            pieces.append(document[at:])
            break
        at = found.end()
    return pieces


def _written(bare: bytes, *, is_key: bool) -> bytes:
    if is_key:
        return msgspec.json.encode(bare.decode("utf-8", "replace"))
    return msgspec.json.encode(number(bare.decode("utf-8", "replace")))


def _note_or_null(found: re.Match[bytes]) -> bytes:
    if b'"pitch"' not in found[0]:
        return found[0]
    try:
        _ANY.decode(found[0])
    except msgspec.DecodeError:
        return b"null"
    return found[0]
