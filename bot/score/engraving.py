"""Sheets as pictures, PDF and Guitar Pro, made by a process of its own."""

import asyncio
import importlib.util
import pickle
from enum import StrEnum
from functools import cache

from bot.helper import HelperError, answer
from bot.score.errors import TOO_MANY_PAGES, SheetError, SheetTooLongError
from bot.score.score import Score

_TAB_SECONDS = 60.0
"""The longest songs take 3 s on a quiet core; on a small host with other work ten times that."""


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


@cache
def has_guitar_pro() -> bool:
    """Whether this machine can write Guitar Pro's files. Looks for a package, which reads files."""
    return importlib.util.find_spec("guitarpro") is not None


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


async def as_guitar_pro(score: Score) -> bytes:
    """A .gp5 of a score of one guitar or bass; the same bars, voices and fingering.

    Raises:
        SheetError: the process failed, or took too long.
    """
    given = await asyncio.to_thread(pickle.dumps, score, pickle.HIGHEST_PROTOCOL)
    try:
        return await answer("-m", "bot.score.guitar_pro", given=given, seconds=_TAB_SECONDS)
    except HelperError as error:
        raise SheetError(f"writing for Guitar Pro failed: {error}") from error
