"""Whether a text holds only what can be seen."""

_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Those of Persian and of emoji, which are not printable by Python's rule."""


def is_printable(text: str) -> bool:
    """No controls, no marks of direction, no ends of lines."""
    return text.translate(_JOINERS).isprintable()
