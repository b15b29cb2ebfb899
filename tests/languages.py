"""Readers of other languages, and whether what they read is in theirs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import discord
import pytest

from scripts import catalogues

_LEAST = 9
"""Characters: a shorter piece of English may well be a word of another language, or of a song's title."""


@contextmanager
def reading(locale: str) -> Iterator[None]:
    """Everybody's Discord is in this language. simcord's is in English only."""
    real = discord.Interaction._from_data

    def from_data(self: Any, data: Any) -> None:
        data["locale"] = locale
        real(self, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.Interaction, "_from_data", from_data)
        yield


def english_in(shown: str, locale: str) -> list[str]:
    """The English texts that stand in what a reader of another language is shown."""
    return [piece for piece, said in _pieces(locale) if piece in shown and piece not in said]


@cache
def _pieces(locale: str) -> tuple[tuple[str, str], ...]:
    """Pieces of English between the `{names}`, each with all that its text is in that language."""
    return tuple(
        (piece.strip(), " ".join(_forms(message.string)))
        for message in catalogues.read(locale)
        for english in _forms(message.id)
        for piece in re.split(r"\{\w+\}", english)
        if len(piece.strip()) >= _LEAST
    )


def _forms(given: Any) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else (given,)
