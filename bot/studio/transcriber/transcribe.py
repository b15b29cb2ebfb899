"""One track from sound to result, with the settings that suit what it holds."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.studio.engines.engine import Instruments, Wanted
from bot.studio.transcriber import bands, kit, result
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.heard import Heard, notes_in
from bot.studio.transcriber.model import Model
from bot.studio.transcriber.tracks import DRUMS, parted


class Transcriber:
    """Holds the networks, each loaded when the first track needs it."""

    def __init__(self, cache: Path) -> None:
        """Load nothing yet. In the folder `cache` is kept what is made once."""
        self._cache = cache
        self._model: Model | None = None
        self._kit: kit.Kit | None = None

    def hear(self, blocks: Iterable[Samples], wanted: Wanted) -> Heard:
        """What there is in a track, for whatever strength."""
        if wanted.drum_kit:
            return Heard(strokes={False: self._strokes(bands.of(blocks), mixed=False)})
        self._model = self._model or Model(self._cache)
        if not wanted.mix:
            return Heard(notes_in(self._model.activity(blocks)))
        loudness = bands.Bands()
        notes = notes_in(self._model.activity(_shown(blocks, loudness)))
        return Heard(notes, {True: self._strokes(loudness.loudness(), mixed=True)})

    def _strokes(self, loudness: bands.Loudness, *, mixed: bool) -> list[kit.Hit]:
        self._kit = self._kit or kit.Kit()
        return kit.strokes(loudness, self._kit.struck(loudness), mixed=mixed)


def told(heard: Heard, wanted: Wanted) -> Instruments:
    """What was heard as what is wanted, in kie's shape. Where drums play there is a band, with a bass.

    Raises:
        NotHeardError: it was not listened to for that.
    """
    if wanted.drum_kit:
        return result.of({wanted.instrument: result.from_hits(heard.strokes_of(mixed=False))})
    notes = heard.notes_of(wanted.strength)
    strokes = heard.strokes_of(mixed=True) if wanted.mix else []
    if not strokes:
        return result.of({wanted.instrument: result.from_notes(notes)})
    tracks = {name: result.from_notes(track) for name, track in parted(notes).items()}
    return result.of(tracks | {DRUMS: result.from_hits(strokes)})


def _shown(blocks: Iterable[Samples], loudness: bands.Bands) -> Iterator[Samples]:
    """The same blocks, each shown to `loudness` on its way: the song is decoded once, and never held whole."""
    for block in blocks:
        loudness.feed(block)
        yield block
