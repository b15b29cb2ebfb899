"""The bars that a song was found to have, kept so that nobody listens for them at every copy."""

from typing import Self

import msgspec
from msgspec.structs import replace

from bot.music.song import Song
from bot.music.timeline.bars import Bars, LikelyBars

_VERSION = 5
"""Of hearing: one more where songs are heard in another way, and each is heard anew."""

_MOST_CHANGES = 2000
"""Tempos: a change in each bar of half an hour is 900, and 30 KB of a job."""


class KeptBars(msgspec.Struct, frozen=True):
    """Bars as `version` of the program found them; None where nobody was sure, and then what was likely."""

    version: int
    bars: Bars | None
    likely: LikelyBars | None

    @classmethod
    def found_in(cls, song: Song) -> Self | None:
        """Those of a song; None where they are too many to be kept."""
        if song.bars and len(song.bars.tempos) + len(song.bars.meters) > _MOST_CHANGES:
            return None
        return cls(_VERSION, song.bars, song.likely_bars)

    @property
    def are_current(self) -> bool:
        """Whether the same would be found today."""
        return self.version == _VERSION

    def put_on(self, song: Song) -> Song:
        """The song with these bars."""
        return replace(song, bars=self.bars, likely_bars=self.likely)
