"""Sheets as pictures and as PDF, drawn by a process of its own."""

import importlib.util
from enum import StrEnum
from functools import cache

from bot.helper import HelperError, answer
from bot.score.errors import TOO_MANY_PAGES, SheetError, SheetTooLongError


class Form(StrEnum):
    """What is drawn, and how long that may take at most."""

    PICTURE = "picture"
    PDF = "pdf"

    @property
    def most_seconds(self) -> float:
        """A page takes half a second on a quiet core; on a small host with other work ten times that."""
        return 60.0 if self is Form.PICTURE else 180.0


@cache
def is_possible() -> bool:
    """Whether this machine has what engraves and paints. Looks for packages, which reads files."""
    return all(importlib.util.find_spec(name) is not None for name in ("verovio", "resvg_py"))


async def engraved(musicxml: str, form: Form) -> bytes:
    """A PNG of the first page, or a PDF of all. A process takes 200 MB: whoever calls decides how many there may be at once.

    Raises:
        SheetTooLongError: a PDF would have over 60 pages.
        SheetError: the process failed, or took too long.
    """
    try:
        return await answer("-m", "bot.score", form.value, given=musicxml.encode(), seconds=form.most_seconds)
    except HelperError as error:
        if TOO_MANY_PAGES in str(error):
            raise SheetTooLongError from error
        raise SheetError(f"engraving failed: {error}") from error
