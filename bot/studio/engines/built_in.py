"""The engine that comes along: basic-pitch and our own small networks, on one core."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.studio.engines.engine import Instruments, Progress, Song, Wanted
from bot.studio.transcriber import decode
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
        blocks = decode.blocks(song.path, limit_seconds=song.limit_seconds)
        heard = self._transcriber.hear(_counted(blocks, song.seconds, progress), wanted)
        if kept:
            keep(heard, kept)
        progress(1.0)
        return told(heard, wanted)

    def told_anew(self, kept: Path, wanted: Wanted) -> Instruments:
        """As `Engine.told_anew`."""
        return told(kept_at(kept), wanted)


def _counted(blocks: Iterable[Samples], seconds: float, progress: Progress) -> Iterator[Samples]:
    heard = 0
    for block in blocks:
        yield block
        heard += block.size
        progress(min(heard / max(seconds * decode.RATE_HZ, heard), 1.0))
