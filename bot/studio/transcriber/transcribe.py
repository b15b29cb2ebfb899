"""One track from file to result, with the settings that suit what it holds."""

from pathlib import Path
from typing import Any, Final

from bot.studio.transcriber import decode, drums, result
from bot.studio.transcriber.harmonics import without_overtones
from bot.studio.transcriber.loudness import audible, velocities
from bot.studio.transcriber.model import Model
from bot.studio.transcriber.notes import Thresholds, find_notes

THRESHOLDS: Final = Thresholds(beginning=0.7, sounding=0.35, unbegun=0.5, shortest_frames=10)
"""F1 over 24 rendered pieces of eight kinds rises from .59 (the network's own 0.5, 0.3, 0.3 and 12) to .70; for full mixes
from .59 to .62, so mixes need no settings of their own."""


class Transcriber:
    """Holds the network, loaded when the first pitched track needs it."""

    def __init__(self, cache: Path) -> None:
        """Load nothing yet: drums need no network. In the folder `cache` is kept what is made once."""
        self._cache = cache
        self._model: Model | None = None

    def transcribe(
        self, path: Path, *, instrument: str, drum_kit: bool, limit_seconds: float
    ) -> dict[str, Any]:
        """The notes of the track at `path`, in kie's shape, under the name `instrument`.

        Raises:
            UnreadableSongError, NoSoundError, SongTooLongError: as `decode.blocks`.
        """
        blocks = decode.blocks(path, limit_seconds=limit_seconds)
        if drum_kit:
            return result.from_hits(instrument, drums.find_hits(blocks))
        self._model = self._model or Model(self._cache)
        activity = self._model.activity(blocks)
        notes = without_overtones(audible(activity, find_notes(activity, THRESHOLDS)))
        return result.from_notes(instrument, notes, velocities(activity, notes))
