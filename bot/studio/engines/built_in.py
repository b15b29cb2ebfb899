"""The engine that comes along: basic-pitch and our own small networks, on one core."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bot.studio.engine import Instruments, Progress, Song, Wanted
from bot.studio.transcriber import decode
from bot.studio.transcriber.cut import is_cut
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.heard import keep
from bot.studio.transcriber.heard import kept as kept_at
from bot.studio.transcriber.transcribe import Transcriber, told


class BuiltIn:
    """Holds what it loaded for the next song."""

    def __init__(self, cache: Path) -> None:
        """Load nothing yet. In the folder `cache` is kept what is made once."""
        self._transcriber = Transcriber(cache)

    def transcribe(
        self, song: Song, wanted: Wanted, progress: Progress, *, kept: Path | None = None
    ) -> Instruments:
        """As `Engine.transcribe`."""
        blocks = _Counted(decode.blocks(song.path, limit_seconds=song.limit_seconds), song.seconds, progress)
        heard = self._transcriber.hear(blocks, wanted)
        heard = replace(heard, is_cut=is_cut(song.path, blocks.heard_seconds))
        if kept:
            keep(heard, kept)
        progress(1.0)
        return told(heard, wanted)

    def told_anew(self, kept: Path, wanted: Wanted) -> Instruments:
        """As `Engine.told_anew`."""
        return told(kept_at(kept), wanted)


class _Counted:
    """Blocks of a song of about `seconds`, of which `progress` is told."""

    def __init__(self, blocks: Iterable[Samples], seconds: float, progress: Progress) -> None:
        self._blocks = blocks
        self._seconds = seconds
        self._progress = progress
        self.heard_seconds = 0.0

    def __iter__(self) -> Iterator[Samples]:
        for block in self._blocks:
            yield block
            self.heard_seconds += block.size / decode.RATE_HZ
            self._progress(min(self.heard_seconds / max(self._seconds, self.heard_seconds), 1.0))
