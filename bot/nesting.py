"""How deep a JSON document goes, before anybody reads it.

Readers go down a level for each bracket, on the stack of the interpreter. Its own guard is no bound to rely on: Python
3.14 lets it go as deep as the thread's stack, which differs from machine to machine.
"""

DEEPEST = 64
"""Levels. The service's answers have nine."""

_NOT_STRUCTURE = bytes(sign for sign in range(256) if sign not in b'[]{}"')
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Down a level and up again, as signed bytes."""

_AT_ONCE = 1 << 20


def is_too_deep(document: bytes | str) -> bool:
    """Whether more than `DEEPEST` brackets are open at once. Any text may be given.

    100 000 notes (10 MB) take 30 ms, in steps of 10 to 15 between which the interpreter is free for others.
    """
    if isinstance(document, str):
        document = document.encode("utf-8", "replace")
    if document.count(b"[") + document.count(b"{") <= DEEPEST:
        return False
    # The built-in studio's service, whose answers are short, stays small without it.
    import numpy as np  # noqa: PLC0415 (see above)

    steps = np.frombuffer(_brackets(document).translate(_STEPS), np.int8)
    depth = 0
    for begin in range(0, len(steps), _AT_ONCE):
        depths = depth + np.cumsum(steps[begin : begin + _AT_ONCE], dtype=np.int32)
        if depths.max() > DEEPEST:
            return True
        depth = int(depths[-1])
    return False


def _brackets(document: bytes) -> bytes:
    """The brackets that stand outside of strings."""
    if b"\\" in document:
        document = document.replace(rb"\\", b"").replace(rb"\"", b"")
    # Two quotes side by side are a string without brackets, or two strings that become one: nothing moves in or out.
    structure = document.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    return b"".join(structure.split(b'"')[::2])
