"""Stored notes -> a song as its asker wants it.

Apart from what fetches them: a process of its own that reads a long song needs no database, which is 25 MB.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from bot.music.read.merge import read_parts
from bot.music.said import Said, as_said
from bot.music.song import Song
from bot.music.view.view import View
from bot.music.view.viewed import viewed

WithBars: TypeAlias = Callable[[Song], Song]
"""Gives a song its bars."""


class Wish(NamedTuple):
    """What its asker says of a song's instruments, where its bars come from, and what of it is shown."""

    said: Sequence[Said] = ()
    bars: WithBars | None = None
    view: View | None = None


def wished(parts: Sequence[tuple[str | None, bytes]], wish: Wish) -> Song:
    """The song of these parts, each with what names its one instrument.

    Raises:
        NotesError: they cannot be read.
        NoBeatError, FirstBarUnclearError: the bars that are wanted are none of it.
    """
    # Drums tell of beats what other notes do not: what is said of instruments comes first.
    song = as_said(read_parts(parts), wish.said)
    # Bars are those of the whole song, of which more is heard than of a piece.
    return viewed(wish.bars(song) if wish.bars else song, wish.view)
