"""Bytes that were right once."""

from collections.abc import Sequence

from hypothesis import strategies as st

_MOST_HURTS = 4


@st.composite
def damaged(draw: st.DrawFn, wholes: Sequence[bytes], pieces: Sequence[bytes] = (b"\0", b"\xff")) -> bytes:
    """One of `wholes`, of which some bytes were changed, taken out, put in or doubled; `pieces` are what may get in."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, _MOST_HURTS))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("change", "put in", "take out", "cut", "double")))
        if kind == "cut":
            del data[at:]
        elif kind == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        elif kind == "take out":
            del data[at : at + draw(st.integers(1, 40))]
        else:
            piece = draw(st.binary(min_size=1, max_size=4) | st.sampled_from(pieces))
            data[at : at + (len(piece) if kind == "change" else 0)] = piece
    return bytes(data)
