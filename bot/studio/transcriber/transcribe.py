"""One track from sound to result, with the settings that suit what it holds."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bot.kie.strength import Strength
from bot.studio.engine import Instruments, Wanted
from bot.studio.transcriber import bands, kit, result, tuning
from bot.studio.transcriber.activity import Seen
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.heard import Heard, Played, Table, notes_in, packed
from bot.studio.transcriber.model import Model
from bot.studio.transcriber.rows import Rows
from bot.studio.transcriber.tracks import DRUMS, parted

FEWEST_NOTES: Final = 0.1
"""For each stroke: what has fewer is drums alone, whose toms and kicks now and then sound like a note."""

HELD_SECONDS: Final = 0.15
"""That a note sounds at least to count as held; strokes are shorter, but for those that ring."""

MELODY_PITCHES: Final = 4
"""That are held at least: fewer may be toms and a kick that ring."""

MELODY_SHARE: Final = 0.5
"""Of the time from the first held note to the last end of one that is filled at least: strokes leave gaps."""


class Transcriber:
    """Holds the networks, each loaded when the first track needs it."""

    def __init__(self, cache: Path) -> None:
        """Load nothing yet. In the folder `cache` is kept what is made once."""
        self._cache = cache
        self._model: Model | None = None
        self._kit: kit.Kit | None = None

    def hear(self, blocks: Iterable[Samples], wanted: Wanted) -> Heard:
        """What there is in a track, for whatever strength."""
        self._model = self._model or Model(self._cache)
        with Seen(self._cache) as seen, Rows(bands.BANDS, self._cache) as rows:
            # Drums are listened to for notes too: a name may be wrong.
            loudness = bands.Bands(rows) if wanted.mix or wanted.drum_kit else None
            cents, all_blocks = tuning.listened(blocks)
            shown = _shown(all_blocks, loudness) if loudness else all_blocks
            self._model.look(tuning.in_tune(shown, cents), seen)
            strokes = self._strokes(loudness.loudness()) if loudness else {}
            return Heard(notes_in(seen, stretched=tuning.stretch(cents)), strokes, cents)

    def _strokes(self, loudness: Rows) -> dict[bool, Table]:
        """As those of drums alone, and of a mix."""
        self._kit = self._kit or kit.Kit()
        struck = self._kit.struck(loudness)
        return {mixed: packed(kit.strokes(loudness, struck, mixed=mixed)) for mixed in (False, True)}


def told(heard: Heard, wanted: Wanted) -> Instruments:
    """What was heard as what is wanted, in kie's shape. Where drums play there is a band, with a bass, or there are they alone.

    Raises:
        NotHeardError: it was not listened to for that.
    """
    if wanted.drum_kit:
        strokes = result.from_hits(heard.strokes_of(mixed=False))
        has_melody = Strength.USUAL in heard.notes and is_melody(heard.notes_of(Strength.USUAL))
        return result.of({wanted.instrument: strokes}, heard, has_melody=has_melody)
    notes = heard.notes_of(wanted.strength)
    struck = heard.strokes_of(mixed=True) if wanted.mix else []
    if not struck:
        return result.of({wanted.instrument: result.from_notes(notes)}, heard)
    if len(heard.notes[Strength.USUAL]) < FEWEST_NOTES * len(struck):
        alone = heard.strokes_of(mixed=False) if False in heard.strokes else struck
        return result.of({DRUMS: result.from_hits(alone)}, heard)
    tracks = {name: result.from_notes(track) for name, track in parted(notes).items()}
    return result.of(tracks | {DRUMS: result.from_hits(struck)}, heard)


def is_melody(notes: list[Played]) -> bool:
    """Whether so much of a part called drums is held, at so many pitches, that no drums sound like it."""
    held = [note for note in notes if note.end - note.start >= HELD_SECONDS]
    if len({note.pitch for note in held}) < MELODY_PITCHES:
        return False
    sounding = sum(note.end - note.start for note in held)
    return sounding >= MELODY_SHARE * (max(note.end for note in held) - held[0].start)


def _shown(blocks: Iterable[Samples], loudness: bands.Bands) -> Iterator[Samples]:
    """The same blocks, each shown to `loudness` on its way: the song is decoded once, and never held whole."""
    for block in blocks:
        loudness.feed(block)
        yield block
