"""JSON of others, field by field: a field of the wrong type reads as absent, and only broken JSON is an error.

Values stay undecoded (`msgspec.Raw`) until somebody asks for them, so that one odd field costs no other.
"""

import json
import math
import re
from contextlib import suppress

import msgspec

from bot import loose_json
from bot.nesting import is_too_deep

Fields = dict[str, msgspec.Raw]

MOST_MENDED_BYTES = 1 << 20
"""Mending builds the whole document in Python, 20 ms a MiB: enough for any answer but long notes."""

_UNREADABLE = (msgspec.MsgspecError, ValueError)

_OBJECT = msgspec.json.Decoder(Fields)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_SCALAR = msgspec.json.Decoder(int | float | str)


class MalformedError(ValueError):
    """Not a JSON object, or one that is nested too deeply."""


def read_object(body: bytes) -> Fields:
    """The fields of the JSON object that `body` is; raises `MalformedError`.

    Real answers were seen with mis-escaped strings, so a document that is not strict JSON is mended: its numbers, then its strings.
    """
    _bounded(body)
    try:
        return _OBJECT.decode(body)
    except _UNREADABLE:
        body = loose_json.mended(body)
    # Where a string without an end was taken away, what was inside of strings is outside.
    _bounded(body)
    try:
        return _OBJECT.decode(body)
    except _UNREADABLE:
        return _rebuilt(body)


def _bounded(body: bytes) -> None:
    if is_too_deep(body):
        raise MalformedError("nested too deeply")


def _rebuilt(body: bytes) -> Fields:
    if len(body) > MOST_MENDED_BYTES:
        raise MalformedError(f"{len(body)} bytes of broken JSON")
    text = _ESCAPE.sub(_escaped, body.decode("utf-8-sig", "replace"))
    try:
        document = json.loads(text, strict=False, parse_float=_finite, parse_constant=lambda _: None)
        if not isinstance(document, dict):
            raise MalformedError("not a JSON object")
        # Half surrogates have no UTF-8: "replace" writes them as question marks.
        return _OBJECT.decode(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    except _UNREADABLE as error:
        raise MalformedError(str(error) or type(error).__name__) from error


_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[1] in '"\\/bfnrtu' else "\\" + found[0]


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def fields(raw: msgspec.Raw | None) -> Fields:
    """The fields of an object, or of a string that holds one as JSON; anything else has none."""
    if raw is None:
        return {}
    try:
        return _OBJECT.decode(raw)
    except _UNREADABLE:
        inner = text(raw).encode()
    for document in (inner, loose_json.mended(inner)):
        if is_too_deep(document):
            return {}
        with suppress(*_UNREADABLE):
            return _OBJECT.decode(document)
    return {}


def items(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    """The items of an array; anything else has none."""
    if raw is None:
        return []
    try:
        return _ARRAY.decode(raw)
    except _UNREADABLE:
        return []


def text(raw: msgspec.Raw | None) -> str:
    """A string without the blanks around it; anything else is empty."""
    if raw is None:
        return ""
    try:
        return _TEXT.decode(raw).strip()
    except _UNREADABLE:
        return ""


def number(raw: msgspec.Raw | None) -> float | None:
    """A finite number, also from a string of digits."""
    if raw is None:
        return None
    try:
        value = float(_SCALAR.decode(raw))
    except (*_UNREADABLE, OverflowError):
        return None
    return value if math.isfinite(value) else None


def whole(raw: msgspec.Raw | None) -> int | None:
    """A whole number, also from a string of digits."""
    value = number(raw)
    return int(value) if value is not None and value.is_integer() else None


def first(found: Fields, *names: str) -> msgspec.Raw | None:
    """The value of the first of `names` that is there."""
    return next((found[name] for name in names if name in found), None)
