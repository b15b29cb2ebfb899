"""One track from file to result, with the settings that suit what it holds."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from bot.studio.transcriber import bands, decode, kit, result
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.harmonics import without_overtones
from bot.studio.transcriber.loudness import audible, velocities
from bot.studio.transcriber.model import Model
from bot.studio.transcriber.notes import Thresholds, find_notes

THRESHOLDS: Final = Thresholds(beginning=0.7, sounding=0.35, unbegun=0.5, shortest_frames=10)
"""F1 over 24 rendered pieces of eight kinds rises from .59 (the network's own 0.5, 0.3, 0.3 and 12) to .70; for full mixes
from .59 to .62, so mixes need no settings of their own."""


class Transcriber:
    """Holds the networks, each loaded when the first track needs it."""

    def __init__(self, cache: Path) -> None:
        """Load nothing yet. In the folder `cache` is kept what is made once."""
        self._cache = cache
        self._model: Model | None = None
        self._kit: kit.Kit | None = None

    def transcribe(
        self, path: Path, *, instrument: str, drum_kit: bool, mix: bool, limit_seconds: float
    ) -> dict[str, Any]:
        """The notes of the track at `path`, in kie's shape, under the name `instrument`; the drums of a mix beside them.

        Raises:
            UnreadableSongError, NoSoundError, SongTooLongError: as `decode.blocks`.
        """
        blocks = decode.blocks(path, limit_seconds=limit_seconds)
        if drum_kit:
            return result.of({instrument: result.from_hits(self._strokes(bands.of(blocks), mixed=False))})
        heard = bands.Bands()
        self._model = self._model or Model(self._cache)
        activity = self._model.activity(_heard(blocks, heard) if mix else blocks)
        notes = without_overtones(audible(activity, find_notes(activity, THRESHOLDS)))
        found = {instrument: result.from_notes(notes, velocities(activity, notes))}
        if mix:
            found["Drums"] = result.from_hits(self._strokes(heard.loudness(), mixed=True))
        return result.of(found)

    def _strokes(self, heard: bands.Loudness, *, mixed: bool) -> list[kit.Hit]:
        self._kit = self._kit or kit.Kit()
        return kit.strokes(heard, self._kit.struck(heard), mixed=mixed)


def _heard(blocks: Iterable[Samples], heard: bands.Bands) -> Iterator[Samples]:
    """The same blocks, each shown to `heard` on its way: the song is decoded once, and never held whole."""
    for block in blocks:
        heard.feed(block)
        yield block
